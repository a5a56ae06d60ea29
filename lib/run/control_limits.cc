#include "control_answers.h"

namespace weir::run {
namespace {

// Groups of limits are services or servers, in the order of the configuration.
std::vector<std::string> names_of_groups(const ControlSubject& subject) {
  std::vector<std::string> names;
  if (subject.services)
    for (const auto& service : subject.services()) names.push_back(service.name);
  if (subject.servers)
    for (const auto& server : subject.servers()) names.push_back(server.name);
  return names;
}

// All workers have the same limits in force.
void add(stack::LimitStatus& sum, const stack::LimitStatus& one) {
  sum.in_force = one.in_force;
  sum.listed = one.listed;
  sum.open += one.open;
  sum.uncounted += one.uncounted;
  for (std::size_t i = 0; i < sum.refused.size(); ++i) sum.refused[i] += one.refused[i];
}

// By the keys of the configuration: what is not there is not limited.
Json in_force(const stack::LimitStatus& status) {
  const stack::Limits& limits = status.in_force;
  Json keys = Json::object();
  const auto put = [&keys](const char* key, std::uint32_t limit) {
    if (limit != 0) keys[key] = limit;
  };
  put("connections", limits.connections);
  put("connections_per_second", limits.connections_per_second);
  put("source_connections", limits.source_connections);
  put("source_connections_per_second", limits.source_connections_per_second);
  put("source_prefix_v4", limits.has_source_limit() ? limits.source_prefix_v4 : 0);
  put("source_prefix_v6", limits.has_source_limit() ? limits.source_prefix_v6 : 0);
  put("listed_prefixes", status.listed);
  if (!keys.empty()) keys["beyond"] = limits.resets ? "reset" : "drop";
  return keys;
}

Json group(const std::string& name, const stack::LimitStatus& sum) {
  Json refused = Json::object();
  for (std::size_t i = 0; i < sum.refused.size(); ++i) refused[to_string(stack::kLimitReasons[i])] = sum.refused[i];
  return {{"name", name},
          {"in_force", in_force(sum)},
          {"open", sum.open},
          {"uncounted", sum.uncounted},
          {"refused", refused}};
}

}  // namespace

Json limits_of(const ControlSubject& subject) {
  const std::vector<std::string> names = names_of_groups(subject);
  std::vector<stack::LimitStatus> sums(names.size());
  for (const stack::Host* host : subject.hosts) {
    const auto groups = host->limits();
    for (std::size_t i = 0; i < groups.size() && i < sums.size(); ++i) add(sums[i], groups[i]);
  }
  Json list = Json::array();
  for (std::size_t i = 0; i < sums.size(); ++i) list.push_back(group(names[i], sums[i]));
  return list;
}

}  // namespace weir::run
