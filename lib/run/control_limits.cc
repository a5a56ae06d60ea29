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

void add(stack::LimitStatus& sum, const stack::LimitStatus& one) {
  sum.open += one.open;
  sum.uncounted += one.uncounted;
  for (std::size_t i = 0; i < sum.refused.size(); ++i) sum.refused[i] += one.refused[i];
}

Json group(const std::string& name, const stack::LimitStatus& sum) {
  Json refused = Json::object();
  for (std::size_t i = 0; i < sum.refused.size(); ++i) refused[to_string(stack::kLimitReasons[i])] = sum.refused[i];
  return {{"name", name}, {"open", sum.open}, {"uncounted", sum.uncounted}, {"refused", refused}};
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
