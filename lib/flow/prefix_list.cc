#include <weir/flow/prefix_list.h>

#include <algorithm>

namespace weir {

PrefixList::PrefixList(std::vector<ListedPrefix> prefixes) : prefixes_(std::move(prefixes)) {
  std::ranges::sort(prefixes_);
  const bool otherwise = std::ranges::none_of(prefixes_, &ListedPrefix::is_allowed);
  v4_ = ranges_of(Family::kIpv4, otherwise);
  v6_ = ranges_of(Family::kIpv6, otherwise);
}

PrefixList::Key PrefixList::key_of(const IpAddress& address) {
  if (address.is_v4()) return {0, address.as_v4().value()};
  return {be64::from_raw(address.high()).value(), be64::from_raw(address.low()).value()};
}

// The first address behind it; the family's first one where there is none.
PrefixList::Key PrefixList::end_of(const Prefix& prefix) {
  Key key = key_of(prefix.address);
  if (prefix.address.is_v4()) {
    key.low = (key.low + (std::uint64_t{1} << (32 - prefix.length))) & 0xffff'ffff;
  } else if (prefix.length <= 64) {
    key.high += prefix.length == 0 ? 0 : std::uint64_t{1} << (64 - prefix.length);
  } else {
    key.low += std::uint64_t{1} << (128 - prefix.length);
    if (key.low == 0) ++key.high;
  }
  return key;
}

// What begins at the same place takes it over: it is the longer prefix, or what follows behind one.
void PrefixList::begin_range(Ranges& ranges, const Key& at, bool is_let_in) {
  if (ranges.back().start == at) ranges.pop_back();
  if (ranges.empty() || ranges.back().is_let_in != is_let_in) ranges.push_back({at, is_let_in});
}

PrefixList::Ranges PrefixList::ranges_of(Family family, bool otherwise) const {
  Ranges ranges{{{}, otherwise}};
  std::vector<const ListedPrefix*> around;  // the prefixes that enclose the place at hand, the longest last
  const auto leave = [&] {
    const Key end = end_of(around.back()->prefix);
    around.pop_back();
    if (end != Key{}) begin_range(ranges, end, around.empty() ? otherwise : around.back()->is_allowed);
  };
  for (const ListedPrefix& next : prefixes_) {
    if (next.prefix.address.family() != family) continue;
    while (!around.empty() && !around.back()->prefix.contains(next.prefix.address)) leave();
    begin_range(ranges, key_of(next.prefix.address), next.is_allowed);
    around.push_back(&next);
  }
  while (!around.empty()) leave();
  ranges.shrink_to_fit();
  return ranges;
}

bool PrefixList::lets_in(const IpAddress& address) const {
  const Ranges& ranges = address.is_v4() ? v4_ : v6_;
  const Key key = key_of(address);
  const auto next = std::upper_bound(ranges.begin(), ranges.end(), key,
                                     [](const Key& wanted, const Range& range) { return wanted < range.start; });
  return std::prev(next)->is_let_in;
}

}  // namespace weir
