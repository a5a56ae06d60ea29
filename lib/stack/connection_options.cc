#include <weir/stack/connection_options.h>

namespace weir::stack {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongest = std::chrono::hours{24 * 24};  // what 32-bit ticks can tell apart

template <typename T>
bool is_within(const std::optional<T>& value, T least, T most) {
  return !value || (*value >= least && *value <= most);
}

bool is_valid(const ConnectionOptions& options) {
  const std::uint8_t one{1}, most{255};
  return is_within(options.keep_alive_idle, milliseconds{1}, kLongest) &&
         is_within(options.keep_alive_interval, milliseconds{1}, kLongest) &&
         is_within(options.keep_alive_probes, one, most) &&
         is_within(options.user_timeout, milliseconds{0}, kLongest) &&
         is_within(options.data_retries, one, std::uint8_t{30}) &&
         is_within(options.delayed_ack, milliseconds{0}, milliseconds{499}) &&
         is_within(options.dscp, std::uint8_t{0}, std::uint8_t{63}) && is_within(options.ttl, one, most);
}

}  // namespace

bool apply(const ConnectionOptions& options, tcp::Settings& settings) {
  if (!is_valid(options)) return false;
  settings.keepalive_idle = options.keep_alive_idle.value_or(settings.keepalive_idle);
  settings.keepalive_interval = options.keep_alive_interval.value_or(settings.keepalive_interval);
  settings.keepalive_probes = options.keep_alive_probes.value_or(settings.keepalive_probes);
  settings.user_timeout = options.user_timeout.value_or(settings.user_timeout);
  settings.data_retries = options.data_retries.value_or(settings.data_retries);
  settings.delayed_ack = options.delayed_ack.value_or(settings.delayed_ack);
  settings.dscp = options.dscp.value_or(settings.dscp);
  settings.ttl = options.ttl.value_or(settings.ttl);
  settings.error_reports = options.error_reports.value_or(settings.error_reports);
  return true;
}

ConnectionOptions options_of(const tcp::Settings& settings) {
  return {.no_delay = !settings.nagle,
          .keep_alive = settings.keepalive,
          .keep_alive_idle = settings.keepalive_idle,
          .keep_alive_interval = settings.keepalive_interval,
          .keep_alive_probes = settings.keepalive_probes,
          .user_timeout = settings.user_timeout,
          .data_retries = settings.data_retries,
          .delayed_ack = settings.delayed_ack,
          .dscp = settings.dscp,
          .ttl = settings.ttl,
          .error_reports = settings.error_reports};
}

}  // namespace weir::stack
