// Any text as a configuration file: it is read, or every fault in it is named; nothing else comes out.
#include <cstdint>
#include <string_view>

#include <weir/base/check.h>
#include <weir/run/config.h>

namespace {

template <typename Parse>
void parse(Parse&& parse_config, std::string_view text) {
  try {
    static_cast<void>(parse_config(text, "fuzz.toml"));
  } catch (const weir::run::ConfigError& error) {
    WEIR_CHECK(!error.problems().empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  parse(weir::run::parse_lb_config, text);
  parse(weir::run::parse_serve_config, text);
  return 0;
}
