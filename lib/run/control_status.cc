#include <algorithm>
#include <chrono>
#include <map>

#include <unistd.h>

#include <weir/run/version.h>

#include "control_answers.h"
#include "top_sources.h"

namespace weir::run {
namespace {

double seconds(Duration time) {
  return std::chrono::duration<double>(time).count();
}

Json states(const ControlSubject& subject) {
  Json counts = Json::object();
  for (unsigned i = 0; i < tcp::kStates; ++i) {
    std::uint64_t sum = 0;
    for (const stack::Host* host : subject.hosts) sum += host->connections_in(static_cast<tcp::State>(i));
    counts[to_string(static_cast<tcp::State>(i))] = sum;
  }
  return counts;
}

Json counters(const ControlSubject& subject) {
  Json sums = Json::object();
  for (unsigned i = 0; i < tcp::kCounters; ++i) {
    const auto counter = static_cast<tcp::Counter>(i);
    std::uint64_t sum = 0;
    for (const stack::Host* host : subject.hosts) sum += host->counters()[counter];
    sums[to_string(counter)] = sum;
  }
  return sums;
}

Json worker(const WorkerStatus& worker, const stack::Host& host, std::size_t number) {
  return {{"worker", number},
          {"lcore", worker.lcore},
          {"turns", worker.turns},
          {"busy_turns", worker.busy_turns},
          {"sleeps", worker.sleeps},
          {"busy_share", worker.busy_share},
          {"rx_packets", worker.rx_packets},
          {"rx_bytes", worker.rx_bytes},
          {"tx_packets", worker.tx_packets},
          {"tx_bytes", worker.tx_bytes},
          {"handed_over", worker.handed_over},
          {"taken_over", worker.taken_over},
          {"hand_over_full", worker.hand_over_full},
          {"established", host.connections_in(tcp::State::kEstablished)}};
}

Json workers(const ControlSubject& subject) {
  Json list = Json::array();
  const auto all = subject.workers();
  for (std::size_t i = 0; i < all.size() && i < subject.hosts.size(); ++i) {
    list.push_back(worker(all[i], *subject.hosts[i], i));
  }
  return list;
}

void add_level(stack::PoolLevels& sums, const stack::PoolLevels::Level& level) {
  const auto is_same = [&](const auto& sum) { return std::string_view(sum.name) == level.name; };
  const auto sum = std::ranges::find_if(sums.levels, is_same);
  if (sum == sums.levels.end()) {
    sums.levels.push_back(level);
  } else {
    sum->capacity += level.capacity;
    sum->in_use += level.in_use;
  }
}

// Pools of the same name are summed over the workers.
Json pools(const ControlSubject& subject) {
  stack::PoolLevels sums = subject.pools();
  for (const stack::Host* host : subject.hosts) {
    for (const auto& level : host->pools().levels) add_level(sums, level);
  }
  Json list = Json::array();
  for (const auto& sum : sums.levels) {
    list.push_back({{"name", sum.name}, {"capacity", sum.capacity}, {"in_use", sum.in_use}});
  }
  return list;
}

Json top_sources(const std::vector<stack::DefenceStatus>& workers) {
  Json list = Json::array();
  for (const SourceRate& one : top_sources_of(workers))
    list.push_back({{"prefix", one.prefix.to_string()}, {"syns_per_s", one.syns}});
  return list;
}

Json refused(const stack::DefenceCounts& counts) {
  return {{to_string(stack::DropReason::kSynCookieWrong), counts.cookies_wrong},
          {to_string(stack::DropReason::kSynCookieSpent), counts.cookies_spent}};
}

// Of one listen address: the worst state of all workers, and the sums of what they see.
Json listener(const std::vector<stack::DefenceStatus>& workers, Instant now) {
  const auto& worst = *std::ranges::max_element(workers, {}, &stack::DefenceStatus::state);
  const auto sum = [&](std::uint32_t stack::DefenceStatus::*figure) {
    std::uint64_t all = 0;
    for (const auto& one : workers) all += one.*figure;
    return all;
  };
  const stack::DefenceCounts counts = counts_of(workers);
  return {{"listen", worst.listen.to_string()},
          {"syn_cookies", to_string(worst.use)},
          {"state", to_string(worst.state)},
          {"reason", to_string(worst.reason)},
          {"since_s", seconds(now - worst.since)},
          {"half_open", sum(&stack::DefenceStatus::half_open)},
          {"syns_per_s", sum(&stack::DefenceStatus::syns)},
          {"cookies_sent_per_s", sum(&stack::DefenceStatus::cookies_sent)},
          {"cookies_accepted_per_s", sum(&stack::DefenceStatus::cookies_accepted)},
          {"cookies_refused_per_s", sum(&stack::DefenceStatus::cookies_refused)},
          {"syns", counts.syns},
          {"cookies_sent", counts.cookies_sent},
          {"cookies_accepted", counts.cookies_accepted},
          {"cookies_refused", refused(counts)},
          {"top_sources", top_sources(workers)}};
}

Json listeners(const ControlSubject& subject) {
  std::map<Endpoint, std::vector<stack::DefenceStatus>> by_address;
  for (const stack::Host* host : subject.hosts) {
    for (const auto& one : host->defences()) by_address[one.listen].push_back(one);
  }
  Json list = Json::array();
  const Instant now = subject.now();
  for (const auto& [address, workers] : by_address) list.push_back(listener(workers, now));
  return list;
}

Json port(const PortStatus& port) {
  return {{"device", port.device},
          {"mac", port.mac},
          {"link", port.link_up},
          {"link_mbps", port.link_mbps},
          {"mtu", port.mtu},
          {"queues", port.queues},
          {"addresses", port.addresses},
          {"choices", port.choices},
          {"rx_packets", port.rx_packets},
          {"rx_bytes", port.rx_bytes},
          {"tx_packets", port.tx_packets},
          {"tx_bytes", port.tx_bytes},
          {"tx_merged", port.tx_merged},
          {"rx_missed", port.rx_missed},
          {"rx_errors", port.rx_errors},
          {"tx_errors", port.tx_errors}};
}

Json ports(const ControlSubject& subject) {
  Json list = Json::array();
  for (const PortStatus& one : subject.ports()) list.push_back(port(one));
  return list;
}

}  // namespace

Json answer_status(const ControlSubject& subject, const Json& request) {
  return {{"program", subject.program},
          {"name", subject.name},
          {"version", version()},
          {"pid", ::getpid()},
          {"state", subject.state()},
          {"uptime_s", seconds(subject.now() - subject.started)},
          {"states", states(subject)},
          {"workers", workers(subject)},
          {"ports", ports(subject)},
          {"pools", pools(subject)},
          {"listeners", listeners(subject)},
          {"limits", limits_of(subject)},
          {"counters", counters(subject)},
          {"drops", answer_drops(subject, request)["drops"]}};
}

Json answer_drops(const ControlSubject& subject, const Json& request) {
  const bool all = field_or(request, "all", false);
  Json drops = Json::object();
  for (unsigned i = 0; i < stack::kDropReasons; ++i) {
    const auto reason = static_cast<stack::DropReason>(i);
    std::uint64_t sum = 0;
    for (const stack::Host* host : subject.hosts) sum += host->drops()[reason];
    for (const stack::DropCounters* drops_of_link : subject.link_drops) sum += (*drops_of_link)[reason];
    if (sum != 0 || all) drops[to_string(reason)] = sum;
  }
  return {{"drops", drops}};
}

}  // namespace weir::run
