#include <weir/flow/source_table.h>

#include <algorithm>

#include <weir/base/check.h>

namespace weir {

namespace {

constexpr std::uint32_t buckets_for(std::uint32_t capacity) {
  const std::uint64_t places = (std::uint64_t{capacity} * 4 + 2) / 3;
  return std::max(2U, static_cast<std::uint32_t>((places + SourceTable::kWays - 1) / SourceTable::kWays));
}

bool is_at_rest(const Source& source, Instant now) {
  return source.open == 0 && source.booked <= now;
}

}  // namespace

SourceTable::SourceTable(std::uint32_t capacity, SipKey secret)
    : secret_(secret),
      buckets_(buckets_for(capacity)),
      memory_("limited sources", std::size_t{buckets_} * kWays * sizeof(Source)) {
  static_assert(sizeof(Source) == 32);
}

std::size_t SourceTable::bytes_for(std::uint32_t capacity) {
  return std::size_t{buckets_for(capacity)} * kWays * sizeof(Source);
}

SourceTable::Buckets SourceTable::buckets_of(const SourceKey& key) const {
  const std::uint64_t kind = std::uint64_t{key.group} << 8 | key.length;
  const std::uint64_t hash = siphash13(secret_, kind, key.prefix.high(), key.prefix.low());
  const auto of = [&](std::uint64_t half) { return static_cast<std::uint32_t>(half * buckets_ >> 32) * kWays; };
  return {of(hash >> 32), of(hash & 0xffff'ffff)};
}

std::uint32_t SourceTable::find_in(const Buckets& buckets, const SourceKey& key) const {
  for (const std::uint32_t first : buckets)
    for (std::uint32_t i = first; i < first + kWays; ++i)
      if (slots()[i].key == key) return i;
  return kNoIndex;
}

std::uint32_t SourceTable::find(const SourceKey& key) const {
  return find_in(buckets_of(key), key);
}

// The emptier bucket takes it: that is what lets the table fill up.
std::uint32_t SourceTable::find_or_make(const SourceKey& key, Instant now) {
  const Buckets buckets = buckets_of(key);
  if (const std::uint32_t known = find_in(buckets, key); known != kNoIndex) return known;
  std::uint32_t place = kNoIndex;
  unsigned most_room = 0;
  for (const std::uint32_t first : buckets) {
    unsigned room = 0;
    std::uint32_t free = kNoIndex;
    for (std::uint32_t i = first; i < first + kWays; ++i)
      if (is_at_rest(slots()[i], now)) ++room, free = i;
    if (room > most_room) most_room = room, place = free;
  }
  if (place != kNoIndex) slots()[place] = Source{.key = key, .booked = now};
  return place;
}

void SourceTable::open_one(std::uint32_t index) {
  if (slots()[index].open++ == 0) in_use_.add();
}

void SourceTable::close_one(std::uint32_t index) {
  WEIR_DCHECK(slots()[index].open > 0);
  if (--slots()[index].open == 0) in_use_.subtract();
}

}  // namespace weir
