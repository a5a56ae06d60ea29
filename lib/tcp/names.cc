// What states, reasons and counters are called.
#include <weir/tcp/counters.h>
#include <weir/tcp/settings.h>
#include <weir/tcp/tcb.h>

namespace weir::tcp {

const char* to_string(State state) {
  static constexpr std::array<const char*, kStates> kNames = {"CLOSED",      "LISTEN",     "SYN-SENT",   "SYN-RECEIVED",
                                                              "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT",
                                                              "CLOSING",     "LAST-ACK",   "TIME-WAIT"};
  return kNames[static_cast<unsigned>(state)];
}

const char* to_string(CloseReason reason) {
  static constexpr std::array<const char*, 9> kNames = {
      "none", "normal", "reset", "refused", "timeout", "keep-alive", "unreachable", "aborted", "no-resources"};
  return kNames[static_cast<unsigned>(reason)];
}

const char* to_string(CongestionControl algorithm) {
  return algorithm == CongestionControl::kCubic ? "cubic" : "newreno";
}

const char* to_string(SynCookieUse use) {
  static constexpr std::array<const char*, 4> kNames = {"off", "auto", "always", "dry-run"};
  return kNames[static_cast<unsigned>(use)];
}

const char* to_string(Counter counter) {
  static constexpr std::array<const char*, kCounters> kNames = {
      "active_opens",
      "passive_opens",
      "established",
      "attempt_fails",
      "established_resets",
      "segments_in",
      "segments_out",
      "bytes_in",
      "bytes_out",
      "retransmit_segments",
      "retransmit_timeouts",
      "fast_retransmits",
      "zero_window_probes",
      "keep_alive_probes",
      "resets_in",
      "resets_out",
      "challenge_acks",
      "challenge_acks_limited",
      "duplicate_acks_in",
      "out_of_order_in",
      "paws_drops",
      "out_of_window",
      "missing_timestamp",
      "syn_ack_retransmits",
      "half_open_timeouts",
      "time_waits",
      "time_wait_reused",
      "timeouts_given_up",
      "out_of_order_dropped",
      "receive_coalesced",
      "soft_errors",
      "urgent_in",
      "no_packets",
      "no_cold_blocks",
      "rack_losses",
      "lost_retransmissions",
      "reordering_timeouts",
      "reordering_seen",
      "sack_reneging",
      "invalid_sack_blocks",
      "duplicate_reports_in",
      "tail_loss_probes",
      "tail_loss_recoveries",
      "spurious_timeouts_undone",
      "spurious_recoveries_undone",
      "no_congestion_blocks",
      "hystart_exits",
      "idle_restarts",
      "pacing_waits",
      "congestion_marks_in",
      "ecn_reductions",
      "receive_windows_grown",
      "growth_refused",
      "path_mtu_lowered",
      "black_holes",
      "zero_windows_given_up",
      "lingers_over",
      "syn_cookies_sent",
      "syn_cookies_accepted",
      "syn_cookies_dry_run",
      "syn_cookie_resets_limited",
      "spent_cookies_forgotten",
      "no_ports",
      "time_waits_forgotten",
      "time_wait_resets",
      "tiny_mss",
  };
  static_assert(kNames.back() != nullptr, "every counter has a name");
  return kNames[static_cast<unsigned>(counter)];
}

}  // namespace weir::tcp
