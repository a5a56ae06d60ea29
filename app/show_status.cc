#include <fmt/format.h>
#include <map>

#include "show.h"
#include "table.h"

namespace weir::app {
namespace {

std::string number(const Json& value) {
  return fmt::format("{}", value.get<std::uint64_t>());
}

std::string bytes(const Json& value) {
  return human_bytes(value.get<std::uint64_t>());
}

// "name value" pairs in columns, those of value 0 left out where `all` is false.
std::string figures(const Json& object, const char* title, bool all) {
  Table table({title, "count"});
  for (const auto& [name, value] : object.items()) {
    if (all || value != 0) table.add({name, number(value)});
  }
  return table.is_empty() ? fmt::format("  {}: none\n", title) : table.to_string();
}

std::string workers(const Json& list) {
  Table table({"worker", "lcore", "busy", "established", "received", "sent", "handed over", "taken over", "ring full"});
  for (const Json& one : list) {
    table.add({number(one["worker"]), number(one["lcore"]),
               fmt::format("{:.1f} %", 100 * one["busy_share"].get<double>()), number(one["established"]),
               number(one["rx_packets"]), number(one["tx_packets"]), number(one["handed_over"]),
               number(one["taken_over"]), number(one["hand_over_full"])});
  }
  return table.to_string();
}

std::string speed(const Json& port) {
  if (!port["link"].get<bool>()) return "down";
  const auto mbps = port["link_mbps"].get<std::uint64_t>();
  return mbps == 0 ? "up" : fmt::format("up, {} Mbit/s", mbps);
}

std::string ports(const Json& list) {
  Table table({"port", "link", "queues", "received", "", "sent", "", "missed", "errors"});
  for (const Json& one : list) {
    const auto errors = one["rx_errors"].get<std::uint64_t>() + one["tx_errors"].get<std::uint64_t>();
    table.add({one["device"].get<std::string>(), speed(one), number(one["queues"]), number(one["rx_packets"]),
               bytes(one["rx_bytes"]), number(one["tx_packets"]), bytes(one["tx_bytes"]), number(one["rx_missed"]),
               fmt::format("{}", errors)});
  }
  return table.to_string();
}

std::string listeners(const Json& list) {
  Table table({"listener", "SYN cookies", "state", "because of", "for", "half-open", "SYN/s", "cookies/s", "accepted/s",
               "refused/s"});
  for (const Json& one : list) {
    table.add({one["listen"].get<std::string>(), one["syn_cookies"].get<std::string>(), one["state"].get<std::string>(),
               one["reason"].get<std::string>(), human_seconds(one["since_s"].get<double>()), number(one["half_open"]),
               number(one["syns_per_s"]), number(one["cookies_sent_per_s"]), number(one["cookies_accepted_per_s"]),
               number(one["cookies_refused_per_s"])});
  }
  return table.to_string();
}

// Of listeners that sent cookies or expected any. A process of an older version does not count them.
std::string cookies(const Json& listeners) {
  Table table({"SYN cookies of", "sent", "accepted", "refused for", "times"});
  for (const Json& one : listeners) {
    const auto listen = one["listen"].get<std::string>();
    if (one.value("cookies_sent", 0ULL) != 0)
      table.add({listen, number(one["cookies_sent"]), number(one["cookies_accepted"]), "", ""});
    const Json refused = one.value("cookies_refused", Json::object());
    for (const auto& [reason, times] : refused.items())
      if (times != 0) table.add({listen, "", "", reason, number(times)});
  }
  return table.is_empty() ? "" : table.to_string() + "\n";
}

// Of listeners that are flooded, while some prefixes stand out. A process of an older version says nothing of it.
std::string top_sources(const Json& listeners) {
  Table table({"SYNs to", "largest sources", "SYN/s at least"});
  for (const Json& one : listeners) {
    for (const Json& source : one.value("top_sources", Json::array()))
      table.add({one["listen"].get<std::string>(), source["prefix"].get<std::string>(), number(source["syns_per_s"])});
  }
  return table.is_empty() ? "" : table.to_string() + "\n";
}

// The key of the configuration whose limit refuses for that reason.
std::string in_force(const Json& one, const std::string& reason) {
  static const std::map<std::string, const char*> kKeys = {{"source_denied", "listed_prefixes"},
                                                           {"source_connection_limit", "source_connections"},
                                                           {"source_rate_limit", "source_connections_per_second"},
                                                           {"connection_limit", "connections"},
                                                           {"rate_limit", "connections_per_second"}};
  const auto key = kKeys.find(reason);
  const Json limits = one.value("in_force", Json::object());
  return key == kKeys.end() || !limits.contains(key->second) ? "" : number(limits[key->second]);
}

// What is in force, and whom it lets in or refuses. A process of an older version does not say what is in force.
std::string limits(const Json& list) {
  Table table({"limits of", "open", "uncounted", "refused for", "limit", "times"});
  for (const Json& one : list) {
    const auto name = one["name"].get<std::string>();
    if (one["open"] != 0) table.add({name, number(one["open"]), number(one["uncounted"]), "", "", ""});
    for (const auto& [reason, times] : one["refused"].items()) {
      const std::string limit = in_force(one, reason);
      if (times != 0 || !limit.empty()) table.add({name, "", "", reason, limit, number(times)});
    }
  }
  return table.is_empty() ? "" : table.to_string() + "\n";
}

std::string pools(const Json& list) {
  Table table({"pool", "in use", "of"});
  for (const Json& one : list) {
    table.add({one["name"].get<std::string>(), number(one["in_use"]), number(one["capacity"])});
  }
  return table.to_string();
}

}  // namespace

std::string show_status(const Json& status) {
  const auto head =
      fmt::format("weir {} {}, process {}, name {}, {} for {}\n", status["program"].get<std::string>(),
                  status["version"].get<std::string>(), status["pid"].get<int>(), status["name"].get<std::string>(),
                  status["state"].get<std::string>(), human_seconds(status["uptime_s"].get<double>()));
  return head + "\n" + workers(status["workers"]) + "\n" + ports(status["ports"]) + "\n" +
         listeners(status["listeners"]) + "\n" + cookies(status["listeners"]) + top_sources(status["listeners"]) +
         limits(status.value("limits", Json::array())) + figures(status["states"], "connections in state", false) +
         "\n" + pools(status["pools"]) + "\n" + figures(status["counters"], "counter", false) + "\n" +
         figures(status["drops"], "dropped packets", true);
}

std::string show_drops(const Json& drops) {
  return figures(drops["drops"], "dropped packets", true);
}

}  // namespace weir::app
