// Looking, and what errors are called.
#include <cstring>

#include "harness_impl.h"

namespace weir::testing {

namespace {

template <std::size_t kSize>
void put(char (&into)[kSize], std::string_view text) {
  const std::size_t length = std::min(text.size(), kSize - 1);
  std::memcpy(into, text.data(), length);
  into[length] = 0;
}

weir_info describe(const stack::ConnectionInfo& from) {
  weir_info info{};
  put(info.state, to_string(from.state));
  put(info.reason, to_string(from.reason));
  put(info.local, from.local.to_string());
  put(info.remote, from.remote.to_string());
  info.unsent = from.unsent;
  info.unacknowledged = from.unacknowledged;
  info.unread = from.unread;
  info.cwnd = from.cwnd;
  info.ssthresh = from.ssthresh;
  info.snd_wnd = from.snd_wnd;
  info.rcv_wnd = from.rcv_wnd;
  info.srtt_us = from.srtt_us;
  info.rttvar_us = from.rttvar_us;
  info.rto_ms = from.rto_ms;
  info.mss = from.mss;
  info.retries = from.retries;
  info.backoff = from.backoff;
  info.sack = from.sack;
  info.timestamps = from.timestamps;
  info.window_scale = from.window_scale;
  info.snd_scale = from.snd_scale;
  info.rcv_scale = from.rcv_scale;
  info.sacked = from.sacked;
  info.lost = from.lost;
  info.out_of_order = from.out_of_order;
  info.in_recovery = from.in_recovery;
  info.urgent = from.urgent;
  return info;
}

std::optional<std::uint64_t> count_of_tcp(const stack::Host& host, std::string_view name) {
  for (unsigned i = 0; i < tcp::kCounters; ++i)
    if (name == to_string(static_cast<tcp::Counter>(i))) return host.counters()[static_cast<tcp::Counter>(i)];
  return {};
}

std::optional<std::uint64_t> count_of_drops(const stack::Host& host, std::string_view name) {
  for (unsigned i = 0; i < stack::kDropReasons; ++i)
    if (name == to_string(static_cast<stack::DropReason>(i))) return host.drops()[static_cast<stack::DropReason>(i)];
  return {};
}

std::optional<std::uint64_t> count_of_states(const stack::Host& host, std::string_view name) {
  for (unsigned i = 0; i < tcp::kStates; ++i)
    if (name == to_string(static_cast<tcp::State>(i))) return host.connections_in(static_cast<tcp::State>(i));
  return {};
}

std::optional<std::uint64_t> count_of_pools(const stack::Host& host, std::string_view name) {
  constexpr std::string_view kPrefix = "pool.";
  if (!name.starts_with(kPrefix)) return {};
  for (const auto& level : host.pools().levels)
    if (name.substr(kPrefix.size()) == level.name) return level.in_use;
  return {};
}

}  // namespace

}  // namespace weir::testing

using namespace weir::testing;

extern "C" {

int weir_get_info(const weir_harness* harness, weir_connection connection, weir_info* info) {
  if (harness == nullptr || info == nullptr || info->size < sizeof info->size) return WEIR_E_ARGUMENT;
  const auto found = harness->host->info(id_of(connection));
  if (!found) return WEIR_E_STALE;
  weir_info known = describe(*found);
  known.size = info->size;
  std::memset(static_cast<void*>(info), 0, info->size);
  std::memcpy(static_cast<void*>(info), &known, std::min<std::size_t>(known.size, sizeof known));
  return WEIR_OK;
}

int64_t weir_count(const weir_harness* harness, const char* name) {
  if (harness == nullptr || name == nullptr) return WEIR_E_ARGUMENT;
  if (std::string_view{name} == "harness.discarded") return static_cast<std::int64_t>(harness->discarded);
  for (const auto look : {count_of_tcp, count_of_drops, count_of_states, count_of_pools})
    if (const auto count = look(*harness->host, name)) return static_cast<std::int64_t>(*count);
  return WEIR_E_KEY;
}

const char* weir_error_text(int error) {
  switch (error) {
    case WEIR_OK:
      return "no error";
    case WEIR_E_ARGUMENT:
      return "an argument makes no sense";
    case WEIR_E_KEY:
      return "there is nothing of that name";
    case WEIR_E_VALUE:
      return "not a value of that setting, or out of its range";
    case WEIR_E_STALE:
      return "the connection was released";
    case WEIR_E_ADDRESS:
      return "not an address for this";
    case WEIR_E_IN_USE:
      return "address and port are in use";
    case WEIR_E_RESOURCES:
      return "out of connections, listeners, packets or memory";
    case WEIR_E_STATE:
      return "not possible in this state";
    case WEIR_E_ROOM:
      return "the buffer is too short";
    case WEIR_E_END:
      return "the peer has closed its direction, and everything was received";
    case WEIR_E_START:
      return "EAL does not start";
    default:
      return "unknown";
  }
}

}  // extern "C"
