// What weir_settings holds, and its keys beside those of tcp/setting_fields.h.
#pragma once

#include <string>

#include <weir/stack/host.h>
#include <weir/testing/harness.h>

struct weir_settings {
  weir::tcp::Settings tcp{};
  std::uint32_t connections = 256;
  std::uint32_t half_open = 256;
  std::uint32_t time_wait = 1024;
  std::uint32_t packets = 1023;
  std::uint32_t seed = 1;
};

namespace weir::testing {

// WEIR_OK, WEIR_E_KEY or WEIR_E_VALUE; nothing changed but for WEIR_OK.
int set(weir_settings& settings, std::string_view key, std::string_view value);
int get(const weir_settings& settings, std::string_view key, std::string& value);
const char* key_at(std::size_t index);
// Every value, for telling whether two are the same.
std::string all_values(const weir_settings& settings);

}  // namespace weir::testing
