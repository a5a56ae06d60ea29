#include <weir/flow/time_wait_ring.h>

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
  WEIR_DCHECK(records()[slot].is_live());
  unlink(slot);
  records()[slot].set_flags(0);
  store(size_, size_ - 1);
}

template <std::size_t W>
std::uint32_t TimeWaitRing<W>::advance(Tick now, std::uint32_t budget) {
  std::uint32_t looked_at = 0;
  while (looked_at < budget && retire_oldest(now)) ++looked_at;
  return looked_at;
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

// Takes the oldest slot away if it is a tombstone or due; puts it to the end if it was restarted. False when there is
// nothing to do.
template <std::size_t W>
bool TimeWaitRing<W>::retire_oldest(Tick now) {
  if (held_ == 0) return false;
  const Record& record = records()[oldest_];
  if (!record.is_live() || !record.expires.after(now)) {
    drop_oldest();
  } else if (record.has(Record::kRestarted)) {
    requeue_oldest();
  } else {
    return false;
  }
  return true;
}

template <std::size_t W>
void TimeWaitRing<W>::make_room(Tick now) {
  if (held_ == capacity_) retire_oldest(now);
  if (held_ < capacity_) return;
  if (held_ == 0 || records()[oldest_].is_live()) store(evicted_, evicted_ + 1);
  if (held_ > 0) drop_oldest();
}

template <std::size_t W>
void TimeWaitRing<W>::drop_oldest() {
  if (records()[oldest_].is_live()) erase(oldest_);
  oldest_ = after(oldest_);
  --held_;
}

// Its time is now earlier than that of those before it, so that it leaves up to 2*MSL late; find() knows better.
template <std::size_t W>
void TimeWaitRing<W>::requeue_oldest() {
  const Record record = records()[oldest_];
  drop_oldest();
  const std::uint32_t slot = take_newest();
  Record& moved = records()[slot];
  moved.snd_nxt = record.snd_nxt;
  moved.rcv_nxt = record.rcv_nxt;
  moved.ts_recent = record.ts_recent;
  moved.expires = record.expires;
  moved.set_key(record.key, record.key.back() & (Record::kLive | Record::kTimestamps));
  append(slot, hash_of(record));
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
void TimeWaitRing<W>::unlink(std::uint32_t slot) {
  std::uint32_t* link = &head(hash_of(records()[slot]));
  while (*link != slot) {
    WEIR_CHECK(*link != kNoIndex);
    link = &records()[*link].next;
  }
  Record::store(*link, records()[slot].next);
}

template class TimeWaitRing<1>;
template class TimeWaitRing<4>;

}  // namespace weir
