#include <fmt/format.h>

#include "read_config.h"

namespace weir::run {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;

void read_timers(TableReader& table, tcp::Settings& tcp) {
  table.milliseconds("rto_initial_ms", tcp.rto_initial, 10, 60'000);
  table.milliseconds("rto_min_ms", tcp.rto_min, 5, 60'000);
  table.milliseconds("rto_max_ms", tcp.rto_max, 100, 600'000);
  table.milliseconds("delayed_ack_ms", tcp.delayed_ack, 0, 499);  // < 500 ms: MUST-40
  table.milliseconds("msl_ms", tcp.msl, 1, 120'000);              // RFC 9293 §3.4.2: 2 minutes
  table.milliseconds("keepalive_idle_ms", tcp.keepalive_idle, 1000, 24 * kHourMs);
  table.milliseconds("keepalive_interval_ms", tcp.keepalive_interval, 100, kHourMs);
  table.milliseconds("user_timeout_ms", tcp.user_timeout, 0, 24 * kHourMs);
  table.milliseconds("fin_wait_2_timeout_ms", tcp.fin_wait_2_timeout, 100, kHourMs);
  table.milliseconds("challenge_ack_interval_ms", tcp.challenge_ack_interval, 0, 60'000);
}

void read_retries(TableReader& table, tcp::Settings& tcp) {
  table.number("syn_retries", tcp.syn_retries, 0, 12);
  table.number("syn_ack_retries", tcp.syn_ack_retries, 0, 12);
  table.number("data_retries", tcp.data_retries, 1, 30);
  table.number("keepalive_probes", tcp.keepalive_probes, 1, 100);
}

void read_sizes(TableReader& table, tcp::Settings& tcp) {
  constexpr std::int64_t kBufferMax = 1 << 30;  // RFC 7323 §2.3: windows of at most 2^30
  table.number("send_buffer_bytes", tcp.send_buffer, 4096, kBufferMax);
  table.number("receive_buffer_bytes", tcp.receive_buffer, 4096, kBufferMax);
  table.number("mss_bytes", tcp.mss, 0, 9216);
  table.number("initial_window_segments", tcp.initial_window, 1, 100);
  table.number("ttl", tcp.ttl, 1, 255);
  table.number("dscp", tcp.dscp, 0, 63);
}

void read_switches(TableReader& table, tcp::Settings& tcp) {
  table.flag("nagle", tcp.nagle);
  table.flag("keepalive", tcp.keepalive);
  table.flag("timestamps", tcp.timestamps);
  table.flag("sack", tcp.sack);
  table.flag("window_scale", tcp.window_scale);
  table.flag("rfc1337", tcp.rfc1337);
  table.flag("probe_with_data", tcp.probe_with_data);
}

void check_order(TableReader& table, std::string_view low_key, std::chrono::milliseconds low, std::string_view high_key,
                 std::chrono::milliseconds high) {
  if (low <= high) return;
  table.problems().add(table.place(table.has(low_key) ? low_key : high_key),
                       fmt::format("{} ({}) is above {} ({})", low_key, low.count(), high_key, high.count()),
                       fmt::format("lower {} or raise {}", low_key, high_key));
}

}  // namespace

void read_tcp(TableReader& table, tcp::Settings& tcp) {
  read_timers(table, tcp);
  read_retries(table, tcp);
  read_sizes(table, tcp);
  read_switches(table, tcp);
  check_order(table, "rto_min_ms", tcp.rto_min, "rto_max_ms", tcp.rto_max);
  check_order(table, "rto_initial_ms", tcp.rto_initial, "rto_max_ms", tcp.rto_max);
  check_order(table, "delayed_ack_ms", tcp.delayed_ack, "rto_initial_ms", tcp.rto_initial);
}

}  // namespace weir::run
