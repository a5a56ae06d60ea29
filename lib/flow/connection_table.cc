#include <weir/flow/connection_table.h>

namespace weir {
namespace {

// Half full at most. Where entries come and go for long, the fullest buckets grow: simulated at 2/3, a few inserts in a
// million found both of theirs full.
constexpr std::uint32_t buckets_for(std::uint32_t entries) {
  return entries / (Bucket::kEntries / 2) + 2;
}

}  // namespace

ConnectionTable::ConnectionTable(std::uint32_t entries, const char* name)
    : buckets_(buckets_for(entries)), region_(name, bytes_for(entries)) {}

std::size_t ConnectionTable::bytes_for(std::uint32_t entries) {
  return std::size_t{buckets_for(entries)} * sizeof(Bucket);
}

bool ConnectionTable::insert(std::uint64_t hash, std::uint32_t index) {
  Bucket& home = bucket(first(hash));
  Bucket* target = &home;
  if (const unsigned held = home.count(); held >= kCrowded) {
    Bucket& other = bucket(second(hash));
    if (other.count() < held) target = &other;
  }
  Bucket::Mask free = target->empty();
  if (free == 0) return false;
  if (target != &home) home.note_spilled();  // first, so that no reader misses the entry
  target->set(Bucket::take_first(free), tag(hash), index);
  resize(1);
  return true;
}

void ConnectionTable::erase(std::uint64_t hash, std::uint32_t index) {
  Bucket& home = bucket(first(hash));
  if (!erase_in(home, tag(hash), index)) {
    WEIR_CHECK(erase_in(bucket(second(hash)), tag(hash), index));
    home.note_unspilled();
  }
  resize(-1);
}

bool ConnectionTable::erase_in(Bucket& bucket, std::uint16_t tag, std::uint32_t index) {
  for (Bucket::Mask candidates = bucket.with_tag(tag); candidates != 0;) {
    const unsigned entry = Bucket::take_first(candidates);
    if (bucket.index(entry) != index) continue;
    bucket.clear(entry);
    return true;
  }
  return false;
}

}  // namespace weir
