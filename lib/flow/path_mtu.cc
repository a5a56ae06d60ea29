#include <weir/flow/path_mtu.h>

#include <algorithm>
#include <bit>

namespace weir {

PathMtuCache::PathMtuCache(std::uint32_t entries, const SipKey& secret)
    : secret_(secret), sets_(std::bit_ceil(std::max<std::size_t>(entries, kWays)) / kWays) {}

std::size_t PathMtuCache::set_of(const IpAddress& destination) const {
  return siphash13(secret_, destination.high(), destination.low()) & (sets_.size() - 1);
}

void PathMtuCache::learn(const IpAddress& destination, std::uint16_t mtu, Instant now, Duration lifetime) {
  if (const auto known = find(destination, now); known && *known <= mtu) return;
  Set& set = sets_[set_of(destination)];
  auto entry = std::find_if(set.begin(), set.end(), [&](const Entry& e) { return e.destination == destination; });
  if (entry == set.end()) {
    entry = std::min_element(set.begin(), set.end(), [](auto& a, auto& b) { return a.expires < b.expires; });
  }
  *entry = {destination, now + lifetime, mtu};
  latest_ = std::max(latest_, now + lifetime);
}

std::optional<std::uint16_t> PathMtuCache::find(const IpAddress& destination, Instant now) const {
  for (const Entry& entry : sets_[set_of(destination)]) {
    if (entry.destination == destination && entry.mtu != 0 && now < entry.expires) return entry.mtu;
  }
  return std::nullopt;
}

}  // namespace weir
