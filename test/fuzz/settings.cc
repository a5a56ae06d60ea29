#include "settings.h"

#include <weir/tcp/setting_fields.h>

namespace weir::fuzz {
namespace {

constexpr unsigned kChangesMax = 12;

std::int64_t value_of(Input& input, const tcp::SettingField& field) {
  const std::uint64_t width = static_cast<std::uint64_t>(field.most - field.least) + 1;
  switch (input.below(4)) {
    case 0:
      return field.least;
    case 1:
      return field.most;
    case 2:  // the low end of what is wide
      return field.least + static_cast<std::int64_t>(input.word() % width);
    default:
      return field.least + static_cast<std::int64_t>(input.word32() % width);
  }
}

}  // namespace

tcp::Settings settings_from(Input& input) {
  tcp::Settings settings;
  settings.receive_buffer = 200'000;               // a larger one takes more text than an input is long
  settings.syn_cookies = tcp::SynCookieUse::kOff;  // unless it is among the changes, or below
  const auto fields = tcp::setting_fields();
  for (unsigned changes = input.below(kChangesMax); changes > 0; --changes) {
    const tcp::SettingField& field = fields[input.below(static_cast<std::uint32_t>(fields.size()))];
    field.set(settings, value_of(input, field));
  }
  const unsigned rest = input.below(4);
  if (rest == 1) settings.appearance.iss = SeqNum{0U - input.word()};  // wraps soon
  if (rest == 2) settings.syn_cookies = tcp::SynCookieUse::kAlways;
  return settings;
}

stack::ConnectionOptions options_from(Input& input) {
  stack::ConnectionOptions options;
  const unsigned which = input.word();
  const std::uint16_t value = input.word();
  const std::chrono::milliseconds time{value};
  const auto byte = static_cast<std::uint8_t>(value);
  if ((which & 1) != 0) options.no_delay = input.flag();
  if ((which & 2) != 0) options.keep_alive = input.flag();
  if ((which & 4) != 0) options.keep_alive_idle = time;
  if ((which & 8) != 0) options.keep_alive_interval = time;
  if ((which & 16) != 0) options.keep_alive_probes = byte;
  if ((which & 32) != 0) options.user_timeout = time;
  if ((which & 64) != 0) options.data_retries = byte;
  if ((which & 128) != 0) options.delayed_ack = time;
  if ((which & 256) != 0) options.dscp = byte;
  if ((which & 512) != 0) options.ttl = byte;
  if ((which & 1024) != 0) options.error_reports = input.flag();
  return options;
}

stack::HostConfig host_from(Input& input) {
  stack::HostConfig config;
  config.connections = 16;
  config.half_open = 16;
  config.time_wait_v4 = config.time_wait_v6 = 16;
  config.listeners = 8;
  config.option_sets = 4;
  config.path_mtu_entries = 16;
  const unsigned scarce = input.byte();
  if ((scarce & 3) == 3) config.connections = config.half_open = 2;
  if ((scarce & 12) == 12) config.cold_blocks = 1;
  if ((scarce & 48) == 48) config.congestion_blocks = 1;
  if ((scarce & 192) == 192) config.timers_per_advance = 1;
  config.flow_secret = {1, 2};
  config.isn_secret = {3, 4};
  config.port_secret = {7, 8};
  config.defaults = settings_from(input);
  return config;
}

}  // namespace weir::fuzz
