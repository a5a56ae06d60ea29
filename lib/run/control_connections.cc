#include <fmt/format.h>
#include <algorithm>

#include "control_answers.h"

namespace weir::run {
namespace {

using stack::ConnectionInfo;

// What a listing is narrowed to.
struct Filter {
  std::optional<tcp::State> state;
  stack::ListScope scope;
  std::vector<Endpoint> local, remote;  // of one service: either fits
  bool by_service = false;

  bool fits(const ConnectionInfo& info) const {
    if (state && info.state != *state) return false;
    return !by_service || std::ranges::find(local, info.local) != local.end() ||
           std::ranges::find(remote, info.remote) != remote.end();
  }
};

// As `ss`: handshakes that have not completed and TIME-WAIT only when asked for.
stack::ListScope scope_of(std::optional<tcp::State> state, bool all) {
  if (!state) return {.open = true, .half_open = all, .time_wait = all};
  return {.open = *state != tcp::State::kTimeWait,
          .half_open = *state == tcp::State::kSynReceived,
          .time_wait = *state == tcp::State::kTimeWait};
}

tcp::State state_named(std::string name) {
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c == '_' ? '-' : static_cast<char>(std::toupper(c)); });
  std::string known;
  for (unsigned i = 0; i < tcp::kStates; ++i) {
    const auto state = static_cast<tcp::State>(i);
    if (name == to_string(state)) return state;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", to_string(state));
  }
  throw BadRequest(fmt::format("\"{}\" is no state; states are {}", name, known));
}

Filter filter_of(const ControlSubject& subject, const Json& request) {
  Filter filter;
  if (const auto name = field_or<std::string>(request, "state", ""); !name.empty()) filter.state = state_named(name);
  filter.scope = scope_of(filter.state, field_or<bool>(request, "all", false));
  filter.by_service = !field_or<std::string>(request, "service", "").empty();
  if (!filter.by_service) return filter;
  for (const auto& service : services_named(subject, request)) {
    filter.local.insert(filter.local.end(), service.listen.begin(), service.listen.end());
    for (const auto& backend : service.backends) filter.remote.push_back(backend.address);
  }
  return filter;
}

Json connection(const ConnectionInfo& info, std::uint32_t worker) {
  return {{"state", to_string(info.state)},
          {"local", info.local.to_string()},
          {"remote", info.remote.to_string()},
          {"worker", worker},
          {"passive", info.passive},
          {"unread", info.unread},
          {"unsent", info.unsent},
          {"unacknowledged", info.unacknowledged},
          {"cwnd", info.cwnd},
          {"ssthresh", info.ssthresh},
          {"srtt_us", info.srtt_us},
          {"rttvar_us", info.rttvar_us},
          {"rto_ms", info.rto_ms},
          {"snd_wnd", info.snd_wnd},
          {"rcv_wnd", info.rcv_wnd},
          {"mss", info.mss},
          {"retries", info.retries},
          {"congestion_control", to_string(info.congestion_control)},
          {"ecn", info.ecn},
          {"ends_in_ms", info.ends_in_ms}};
}

}  // namespace

// A page: up to "count" connections looked at from "worker" and "cursor" on. "next" is where to go on, if there is
// more; a page may be empty because nothing on it fits the filter.
Json answer_connections(const ControlSubject& subject, const Json& request) {
  const Filter filter = filter_of(subject, request);
  auto worker = field_or<std::uint32_t>(request, "worker", 0);
  auto cursor = field_or<std::uint64_t>(request, "cursor", 0);
  const auto count =
      std::clamp(field_or<std::uint32_t>(request, "count", kConnectionsPerPage), 1U, kConnectionsPerPage);
  Json answer{{"connections", Json::array()}};
  if (worker >= subject.hosts.size()) return answer;
  const auto listed = subject.hosts[worker]->list(cursor, count, filter.scope);
  for (const ConnectionInfo& info : listed) {
    if (filter.fits(info)) answer["connections"].push_back(connection(info, worker));
  }
  if (cursor == stack::Host::kListEnd) ++worker, cursor = 0;
  if (worker < subject.hosts.size()) answer["next"] = {{"worker", worker}, {"cursor", cursor}};
  return answer;
}

}  // namespace weir::run
