#include <fmt/format.h>

#include "show.h"

namespace weir::app {
namespace {

// Pages are shown as they come, so that columns are of fixed width.
constexpr const char* kLine = "{:<12} {:>8} {:>8} {:>6}  {:<30} {:<30} {:>6} {:>10} {:>8}\n";

// The retransmission timeout; in TIME-WAIT what is left of it.
std::uint64_t timer_ms(const Json& one) {
  return one.value("ends_in_ms", std::uint64_t{0}) + one["rto_ms"].get<std::uint64_t>();
}

}  // namespace

std::string connections_title() {
  return fmt::format(fmt::runtime(kLine), "State", "Recv-Q", "Send-Q", "Worker", "Local", "Peer", "cwnd", "rtt ms",
                     "timer ms");
}

std::string show_connections(const Json& page) {
  std::string text;
  for (const Json& one : page["connections"]) {
    const auto waiting = one["unsent"].get<std::uint64_t>() + one["unacknowledged"].get<std::uint64_t>();
    text += fmt::format(fmt::runtime(kLine), one["state"].get<std::string>(), one["unread"].get<std::uint64_t>(),
                        waiting, one["worker"].get<unsigned>(), one["local"].get<std::string>(),
                        one["remote"].get<std::string>(), one["cwnd"].get<std::uint64_t>(),
                        fmt::format("{:.3f}", one["srtt_us"].get<double>() / 1000), timer_ms(one));
  }
  return text;
}

}  // namespace weir::app
