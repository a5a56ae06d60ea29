#include "settings.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <weir/tcp/setting_fields.h>

namespace weir::testing {

namespace {

constexpr std::string_view kRandom = "random";

struct OwnKey {
  std::string_view key;
  bool (*set)(weir_settings&, std::string_view);
  std::string (*get)(const weir_settings&);
};

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return {};
  return value;
}

template <std::uint32_t weir_settings::*kMember, std::uint32_t kLeast, std::uint32_t kMost>
bool set_number(weir_settings& settings, std::string_view text) {
  const auto value = number(text);
  if (!value || *value < kLeast || *value > kMost) return false;
  settings.*kMember = *value;
  return true;
}

template <std::uint32_t weir_settings::*kMember>
std::string get_number(const weir_settings& settings) {
  return std::to_string(settings.*kMember);
}

template <std::uint32_t weir_settings::*kMember, std::uint32_t kLeast, std::uint32_t kMost>
constexpr OwnKey host_number(std::string_view key) {
  return {key, set_number<kMember, kLeast, kMost>, get_number<kMember>};
}

bool set_iss(weir_settings& settings, std::string_view text) {
  const auto value = number(text);
  if (!value && text != kRandom) return false;
  settings.tcp.appearance.iss = value ? std::optional{SeqNum{*value}} : std::nullopt;
  return true;
}
std::string get_iss(const weir_settings& settings) {
  const auto& iss = settings.tcp.appearance.iss;
  return iss ? std::to_string(iss->value()) : std::string{kRandom};
}

// The harness's clock starts at 0: what TSval is then is the offset.
bool set_timestamp(weir_settings& settings, std::string_view text) {
  const auto value = number(text);
  if (!value && text != kRandom) return false;
  settings.tcp.appearance.timestamp_offset = value;
  return true;
}
std::string get_timestamp(const weir_settings& settings) {
  const auto& offset = settings.tcp.appearance.timestamp_offset;
  return offset ? std::to_string(*offset) : std::string{kRandom};
}

bool set_window(weir_settings& settings, std::string_view text) {
  const auto value = number(text);
  if (!value || *value > 1U << 30) return false;
  settings.tcp.appearance.fixed_window = *value;
  return true;
}
std::string get_window(const weir_settings& settings) {
  return std::to_string(settings.tcp.appearance.fixed_window);
}

bool set_layout(weir_settings& settings, std::string_view text) {
  const auto layout = wire::OptionLayout::parse(text);
  if (layout) settings.tcp.appearance.syn_layout = *layout;
  return layout.has_value();
}
std::string get_layout(const weir_settings& settings) {
  return settings.tcp.appearance.syn_layout.to_string();
}

constexpr OwnKey kOwnKeys[] = {
    {"iss", set_iss, get_iss},
    {"timestamp_start", set_timestamp, get_timestamp},
    {"fixed_window_bytes", set_window, get_window},
    {"syn_options", set_layout, get_layout},
    host_number<&weir_settings::connections, 1, 65536>("host.connections"),
    host_number<&weir_settings::half_open, 1, 65536>("host.half_open"),
    host_number<&weir_settings::time_wait, 1, 65536>("host.time_wait"),
    host_number<&weir_settings::packets, 63, 65535>("host.packets"),
    host_number<&weir_settings::seed, 0, 0xffff'ffff>("host.seed"),
};

const OwnKey* find_own(std::string_view key) {
  const auto found = std::ranges::find(kOwnKeys, key, &OwnKey::key);
  return found == std::end(kOwnKeys) ? nullptr : found;
}

}  // namespace

int set(weir_settings& settings, std::string_view key, std::string_view value) {
  if (const OwnKey* own = find_own(key)) return own->set(settings, value) ? WEIR_OK : WEIR_E_VALUE;
  const tcp::SettingField* field = tcp::find_setting(key);
  if (field == nullptr) return WEIR_E_KEY;
  return tcp::set_from_text(*field, settings.tcp, value) ? WEIR_OK : WEIR_E_VALUE;
}

int get(const weir_settings& settings, std::string_view key, std::string& value) {
  const OwnKey* own = find_own(key);
  const tcp::SettingField* field = tcp::find_setting(key);
  if (own == nullptr && field == nullptr) return WEIR_E_KEY;
  value = own != nullptr ? own->get(settings) : tcp::to_text(*field, settings.tcp);
  return WEIR_OK;
}

const char* key_at(std::size_t index) {
  const auto fields = tcp::setting_fields();
  if (index < fields.size()) return fields[index].key.data();
  index -= fields.size();
  return index < std::size(kOwnKeys) ? kOwnKeys[index].key.data() : nullptr;
}

std::string all_values(const weir_settings& settings) {
  std::string all;
  for (std::size_t i = 0; key_at(i) != nullptr; ++i) {
    std::string value;
    static_cast<void>(get(settings, key_at(i), value));
    all += value + '\n';
  }
  return all;
}

}  // namespace weir::testing

using namespace weir::testing;

extern "C" {

weir_settings* weir_settings_new() {
  return new (std::nothrow) weir_settings;
}

void weir_settings_free(weir_settings* settings) {
  delete settings;
}

int weir_settings_set(weir_settings* settings, const char* key, const char* value) {
  if (settings == nullptr || key == nullptr || value == nullptr) return WEIR_E_ARGUMENT;
  return set(*settings, key, value);
}

int weir_settings_get(const weir_settings* settings, const char* key, char* into, size_t room) {
  if (settings == nullptr || key == nullptr || into == nullptr) return WEIR_E_ARGUMENT;
  std::string value;
  if (const int error = get(*settings, key, value); error != WEIR_OK) return error;
  if (value.size() >= room) return WEIR_E_ROOM;
  std::memcpy(into, value.c_str(), value.size() + 1);
  return WEIR_OK;
}

const char* weir_settings_key(size_t index) {
  return key_at(index);
}

}  // extern "C"
