#include <weir/flow/time_wait_ring.h>

#include <algorithm>
#include <cstring>

#include <weir/base/check.h>

namespace weir {

template <std::size_t W>
TimeWaitRing<W>::TimeWaitRing(std::uint32_t capacity, std::uint32_t two_msl_ms, SipKey secret, const char* name)
    : capacity_(capacity),
      two_msl_ms_(two_msl_ms),
      secret_(secret),
      records_(name, std::size_t{capacity} * sizeof(Record)),
      heads_(name, std::size_t{capacity} * sizeof(std::uint32_t)) {
  std::memset(heads_.data(), 0xff, heads_.bytes());  // kNoIndex
}

template <std::size_t W>
std::uint32_t TimeWaitRing<W>::find(const FlowKey& key, std::uint64_t hash) const {
  if (size_ == 0) return kNoIndex;
  const auto packed = Record::pack(key);
  std::uint32_t slot = head(hash);
  while (slot != kNoIndex && !records()[slot].holds(packed)) slot = records()[slot].next;
  return slot;
}

template <std::size_t W>
bool TimeWaitRing<W>::contains(const FlowKey& key, std::uint64_t hash) const {
  if (size() == 0) return false;
  const auto packed = Record::pack(key);
  std::uint32_t slot = Record::load(head(hash));
  for (unsigned i = 0; slot != kNoIndex && i < kForeignWalkMax; ++i) {
    if (records()[slot].holds(packed)) return true;
    slot = Record::load(records()[slot].next);
  }
  return false;
}

template <std::size_t W>
void TimeWaitRing<W>::insert(const TimeWait& entry, std::uint64_t hash, Tick now) {
  WEIR_DCHECK(hash == flow_hash(entry.key, secret_));
  make_room(now);
  if (held_ == capacity_) return;  // no room at all was configured
  const std::uint32_t slot = take_newest();
  Record& record = records()[slot];
  record.snd_nxt = entry.snd_nxt;
  record.rcv_nxt = entry.rcv_nxt;
  record.ts_recent = entry.ts_recent;
  record.expires = now + two_msl_ms_;
  record.set_key(Record::pack(entry.key), Record::kLive | (entry.has_timestamps ? Record::kTimestamps : 0));
  append(slot, hash);
  store(size_, size_ + 1);
}

template <std::size_t W>
void TimeWaitRing<W>::restart(std::uint32_t slot, Tick now) {
  Record& record = records()[slot];
  record.expires = now + two_msl_ms_;
  record.set_flags(Record::kRestarted | (record.key.back() & (Record::kLive | Record::kTimestamps)));
}

template <std::size_t W>
void TimeWaitRing<W>::erase(std::uint32_t slot) {
  erase(slot, hash_of(records()[slot]));
}

template <std::size_t W>
void TimeWaitRing<W>::erase(std::uint32_t slot, std::uint64_t hash) {
  WEIR_DCHECK(records()[slot].is_live());
  unlink(slot, hash);
  records()[slot].set_flags(0);
  store(size_, size_ - 1);
}

template <std::size_t W>
std::uint32_t TimeWaitRing<W>::advance(Tick now, std::uint32_t budget) {
  Hashes hashes;
  std::uint32_t looked_at = 0, due;
  do {
    due = fetch_due(now, std::min(kAhead, budget - looked_at), hashes);
    for (std::uint32_t i = 0; i < due; ++i) retire_oldest(now, hashes[i]);
    looked_at += due;
  } while (due == kAhead);
  return looked_at;
}

// How many of the oldest, at most `most`, are to be looked at now. They lie side by side; what refers to them lies
// anywhere, so it is fetched for all before the first is taken away.
template <std::size_t W>
std::uint32_t TimeWaitRing<W>::fetch_due(Tick now, std::uint32_t most, Hashes& hashes) const {
  std::uint32_t due = 0;
  for (std::uint32_t slot = oldest_; due < std::min(most, held_); slot = after(slot)) {
    const Record& record = records()[slot];
    if (!is_over(record, now) && !record.has(Record::kRestarted)) break;
    hashes[due] = hash_of(record);
    prefetch(hashes[due++]);
  }
  for (std::uint32_t i = 0; i < due; ++i) prefetch_record(hashes[i]);
  return due;
}

// A tombstone's time stays what it was: too early for the next entry, never too late. A restarted entry hides the
// time of those behind it: it has to be looked at right away.
template <std::size_t W>
std::optional<Tick> TimeWaitRing<W>::next_expiry() const {
  if (held_ == 0) return std::nullopt;
  const Record& record = records()[oldest_];
  if (record.has(Record::kRestarted)) return Tick{record.expires.value - two_msl_ms_};
  return record.expires;
}

// Takes the oldest slot away if it is a tombstone or due; else it was restarted, and goes to the end.
template <std::size_t W>
void TimeWaitRing<W>::retire_oldest(Tick now, std::uint64_t hash) {
  is_over(records()[oldest_], now) ? drop_oldest(hash) : requeue_oldest(hash);
}

template <std::size_t W>
void TimeWaitRing<W>::make_room(Tick now) {
  Hashes hashes;
  if (held_ == capacity_ && fetch_due(now, 1, hashes) == 1) retire_oldest(now, hashes[0]);
  if (held_ < capacity_) return;
  if (held_ == 0 || records()[oldest_].is_live()) store(evicted_, evicted_ + 1);
  if (held_ > 0) drop_oldest(hash_of(records()[oldest_]));
}

template <std::size_t W>
void TimeWaitRing<W>::drop_oldest(std::uint64_t hash) {
  if (records()[oldest_].is_live()) erase(oldest_, hash);
  oldest_ = after(oldest_);
  --held_;
}

// Its time is now earlier than that of those before it, so that it leaves up to 2*MSL late; find() knows better.
template <std::size_t W>
void TimeWaitRing<W>::requeue_oldest(std::uint64_t hash) {
  const Record record = records()[oldest_];
  drop_oldest(hash);
  const std::uint32_t slot = take_newest();
  Record& moved = records()[slot];
  moved.snd_nxt = record.snd_nxt;
  moved.rcv_nxt = record.rcv_nxt;
  moved.ts_recent = record.ts_recent;
  moved.expires = record.expires;
  moved.set_key(record.key, record.key.back() & (Record::kLive | Record::kTimestamps));
  append(slot, hash);
  store(size_, size_ + 1);
}

template <std::size_t W>
std::uint32_t TimeWaitRing<W>::take_newest() {
  const std::uint64_t slot = std::uint64_t{oldest_} + held_++;
  return static_cast<std::uint32_t>(slot < capacity_ ? slot : slot - capacity_);
}

template <std::size_t W>
void TimeWaitRing<W>::append(std::uint32_t slot, std::uint64_t hash) {
  std::uint32_t& first = head(hash);
  Record::store(records()[slot].next, first);
  Record::store(first, slot);
}

// The chain is short: as many heads as slots, and a keyed hash.
template <std::size_t W>
void TimeWaitRing<W>::unlink(std::uint32_t slot, std::uint64_t hash) {
  std::uint32_t* link = &head(hash);
  while (*link != slot) {
    WEIR_CHECK(*link != kNoIndex);
    link = &records()[*link].next;
  }
  Record::store(*link, records()[slot].next);
}

template class TimeWaitRing<1>;
template class TimeWaitRing<4>;

}  // namespace weir
