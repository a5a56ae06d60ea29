#include "admission.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace weir::stack {

bool Limits::operator==(const Limits& other) const {
  const auto numbers = [](const Limits& limits) {
    return std::tuple{limits.connections,
                      limits.connections_per_second,
                      limits.source_connections,
                      limits.source_connections_per_second,
                      limits.source_prefix_v4,
                      limits.source_prefix_v6,
                      limits.resets};
  };
  const bool both_have_lists = list != nullptr && other.list != nullptr;
  return numbers(*this) == numbers(other) && (both_have_lists ? *list == *other.list : list == other.list);
}

void ToldLimits::tell(const Limits& limits) {
  const std::array<std::uint32_t, 8> words{limits.connections,
                                           limits.connections_per_second,
                                           limits.source_connections,
                                           limits.source_connections_per_second,
                                           limits.source_prefix_v4,
                                           limits.source_prefix_v6,
                                           limits.resets,
                                           static_cast<std::uint32_t>(limits.list ? limits.list->size() : 0)};
  for (std::size_t i = 0; i < words.size(); ++i) words_[i].store(words[i], std::memory_order_relaxed);
}

void ToldLimits::put_into(LimitStatus& one) const {
  const auto word = [this](std::size_t i) { return words_[i].load(std::memory_order_relaxed); };
  one.in_force = {.connections = word(0),
                  .connections_per_second = word(1),
                  .source_connections = word(2),
                  .source_connections_per_second = word(3),
                  .source_prefix_v4 = static_cast<std::uint8_t>(word(4)),
                  .source_prefix_v6 = static_cast<std::uint8_t>(word(5)),
                  .resets = word(6) != 0};
  one.listed = word(7);
}

Admission::Admission(std::uint16_t groups, std::uint32_t sources, std::uint32_t connections, const SipKey& secret,
                     std::uint32_t workers)
    : workers_(workers),
      groups_(groups),
      sources_(sources, secret),
      memory_("counted connections", std::size_t{connections} * sizeof(Counted)) {
  std::fill_n(counted_of(), connections, Counted{kNoLimits, kNoIndex});
}

std::size_t Admission::bytes_for(std::uint32_t sources, std::uint32_t connections) {
  return SourceTable::bytes_for(sources) + std::size_t{connections} * sizeof(Counted);
}

void Admission::change(std::span<const Limits> limits) {
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    const Limits whole = i < limits.size() ? limits[i] : Limits{};
    Group& group = groups_[i];
    group.limits = share_of(whole);
    group.told.tell(whole);
    group.pace = Pace(whole.connections_per_second, workers_);
    group.source_pace = Pace(whole.source_connections_per_second, workers_);
    group.is_limited = !whole.is_empty();
  }
}

// Rounded up: a share of nothing would let nobody in.
Limits Admission::share_of(const Limits& limits) const {
  const auto share = [this](std::uint32_t of_all) { return of_all / workers_ + (of_all % workers_ != 0 ? 1 : 0); };
  Limits own = limits;
  own.connections = share(limits.connections);
  own.source_connections = share(limits.source_connections);
  return own;
}

SourceKey Admission::key_of(std::uint16_t group, const IpAddress& source) const {
  const Limits& limits = groups_[group].limits;
  const std::uint8_t length = source.is_v4() ? limits.source_prefix_v4 : limits.source_prefix_v6;
  return {.prefix = Prefix{source, length}.network().address, .group = group, .length = length};
}

bool Admission::lets_in(std::uint16_t group, const IpAddress& source) const {
  const auto& list = groups_[group].limits.list;
  return list == nullptr || list->lets_in(source);
}

std::optional<DropReason> Admission::refusal(std::uint16_t id, const IpAddress& source, Instant now) const {
  const Group& group = groups_[id];
  if (!lets_in(id, source)) return DropReason::kSourceDenied;
  if (const auto reason = refusal_of_source(id, source, now)) return reason;
  if (group.limits.connections != 0 && group.open.value() >= group.limits.connections)
    return DropReason::kConnectionLimit;
  if (group.pace.is_limited() && !group.pace.allows(group.booked, now)) return DropReason::kRateLimit;
  return {};
}

std::optional<DropReason> Admission::refusal_of_source(std::uint16_t id, const IpAddress& source, Instant now) const {
  const Group& group = groups_[id];
  if (!group.limits.has_source_limit()) return {};
  const std::uint32_t index = sources_.find(key_of(id, source));
  if (index == kNoIndex) return {};
  const Source& known = sources_[index];
  if (group.limits.source_connections != 0 && known.open >= group.limits.source_connections)
    return DropReason::kSourceConnectionLimit;
  if (group.source_pace.is_limited() && !group.source_pace.allows(known.booked, now))
    return DropReason::kSourceRateLimit;
  return {};
}

void Admission::count_refusal(std::uint16_t group, DropReason reason) {
  const auto place = std::ranges::find(kLimitReasons, reason) - kLimitReasons.begin();
  groups_[group].refused[static_cast<std::size_t>(place)].add();
}

void Admission::open(std::uint16_t id, const IpAddress& source, std::uint32_t connection, Instant now) {
  Group& group = groups_[id];
  group.booked = group.pace.after_one_more(group.booked, now);
  group.open.add();
  ++counted_;
  counted_of()[connection] = {id, group.limits.has_source_limit() ? open_source(id, source, now) : kNoIndex};
}

std::uint32_t Admission::open_source(std::uint16_t id, const IpAddress& source, Instant now) {
  const std::uint32_t index = sources_.find_or_make(key_of(id, source), now);
  if (index == kNoIndex) return groups_[id].uncounted.add(), kNoIndex;
  sources_.book(index, groups_[id].source_pace.after_one_more(sources_[index].booked, now));
  sources_.open_one(index);
  return index;
}

void Admission::close(std::uint32_t connection) {
  const Counted was = std::exchange(counted_of()[connection], {kNoLimits, kNoIndex});
  if (was.group == kNoLimits) return;
  groups_[was.group].open.subtract();
  --counted_;
  if (was.source != kNoIndex) sources_.close_one(was.source);
}

std::vector<LimitStatus> Admission::status() const {
  std::vector<LimitStatus> all;
  for (const Group& group : groups_) {
    LimitStatus& one = all.emplace_back();
    group.told.put_into(one);
    one.open = static_cast<std::uint32_t>(group.open.value());
    one.uncounted = group.uncounted.value();
    for (std::size_t i = 0; i < one.refused.size(); ++i) one.refused[i] = group.refused[i].value();
  }
  return all;
}

}  // namespace weir::stack
