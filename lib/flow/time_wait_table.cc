#include <weir/flow/time_wait_table.h>

namespace weir {

TimeWaitTable::TimeWaitTable(std::uint32_t capacity_v4, std::uint32_t capacity_v6, std::uint32_t two_msl_ms,
                             SipKey secret)
    : v4_(capacity_v4, two_msl_ms, secret, "TIME_WAIT IPv4"), v6_(capacity_v6, two_msl_ms, secret, "TIME_WAIT IPv6") {}

std::size_t TimeWaitTable::bytes_for(std::uint32_t capacity_v4, std::uint32_t capacity_v6) {
  return TimeWaitRing<1>::bytes_for(capacity_v4) + TimeWaitRing<4>::bytes_for(capacity_v6);
}

template <typename Ring>
bool TimeWaitTable::find_in(const Ring& ring, const FlowKey& key, std::uint64_t hash, Tick now, TimeWait& entry,
                            TimeWaitRef& ref) {
  const std::uint32_t slot = ring.find(key, hash);
  if (slot == kNoIndex || !ring[slot].expires.after(now)) return false;
  entry = ring[slot].entry();
  ref.slot = slot;
  return true;
}

bool TimeWaitTable::find(const FlowKey& key, std::uint64_t hash, Tick now, TimeWait& entry, TimeWaitRef& ref) const {
  ref.is_v4 = key.remote.is_v4();
  return ref.is_v4 ? find_in(v4_, key, hash, now, entry, ref) : find_in(v6_, key, hash, now, entry, ref);
}

void TimeWaitTable::insert(const TimeWait& entry, std::uint64_t hash, Tick now) {
  entry.key.remote.is_v4() ? v4_.insert(entry, hash, now) : v6_.insert(entry, hash, now);
}

std::uint32_t TimeWaitTable::advance(Tick now, std::uint32_t budget) {
  v6_first_ = !v6_first_;
  if (v6_first_) {
    const std::uint32_t looked_at = v6_.advance(now, budget);
    return looked_at + v4_.advance(now, budget - looked_at);
  }
  const std::uint32_t looked_at = v4_.advance(now, budget);
  return looked_at + v6_.advance(now, budget - looked_at);
}

Tick TimeWaitTable::next_expiry(Tick fallback) const {
  const auto v4 = v4_.next_expiry();
  const auto v6 = v6_.next_expiry();
  if (v4 && v6) return v4->before(*v6) ? *v4 : *v6;
  return v4 ? *v4 : v6.value_or(fallback);
}

}  // namespace weir
