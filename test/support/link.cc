#include "support/link.h"

#include <algorithm>

namespace weir::testing {

LinkCounts& LinkCounts::operator+=(const LinkCounts& other) {
  sent += other.sent, lost += other.lost, duplicated += other.duplicated, reordered += other.reordered;
  corrupted += other.corrupted, burst_lost += other.burst_lost, queue_dropped += other.queue_dropped;
  queued += other.queued, marked += other.marked, too_big += other.too_big, black_holed += other.black_holed;
  down += other.down, no_buffer += other.no_buffer, postponed += other.postponed;
  return *this;
}

const char* to_string(Fate fate) {
  switch (fate) {
    case Fate::kPassed:
      return "passed";
    case Fate::kLost:
      return "lost";
    case Fate::kBurstLost:
      return "lost in a burst";
    case Fate::kQueueFull:
      return "queue full";
    case Fate::kTooBig:
      return "too big";
    case Fate::kBlackHoled:
      return "too big, and nobody says so";
    case Fate::kDown:
      return "link down";
  }
  return "unknown";
}

Passage Link::pass(const LinkSettings& settings, Instant now, std::uint32_t length, bool is_ecn_capable,
                   Random& random) {
  ++counts_.sent;
  Passage passage;
  passage.fate = admit(settings, now, length, random);
  if (passage.fate != Fate::kPassed) return passage;
  passage.is_marked = is_ecn_capable && is_marked(settings, now, random);
  passage.is_corrupted = random.chance(settings.corrupt_percent);
  if (passage.is_marked) ++counts_.marked;
  if (passage.is_corrupted) ++counts_.corrupted;
  deliver(settings, transmitted(settings, now, length), random, passage);
  return passage;
}

Fate Link::admit(const LinkSettings& settings, Instant now, std::uint32_t length, Random& random) {
  if (settings.is_down) return ++counts_.down, Fate::kDown;
  if (settings.mtu != 0 && length > settings.mtu) {
    if (settings.is_black_hole) return ++counts_.black_holed, Fate::kBlackHoled;
    return ++counts_.too_big, Fate::kTooBig;
  }
  if (in_burst(settings, random)) return ++counts_.burst_lost, Fate::kBurstLost;
  if (random.chance(settings.loss_percent)) return ++counts_.lost, Fate::kLost;
  if (settings.queue_bytes != 0 && waiting_bytes(settings, now) + length > settings.queue_bytes)
    return ++counts_.queue_dropped, Fate::kQueueFull;
  return Fate::kPassed;
}

// Two states, with a chance to change at every packet; in the bad one all are lost.
bool Link::in_burst(const LinkSettings& settings, Random& random) {
  if (settings.burst_percent <= 0) return false;
  burst_ = burst_ ? !random.chance(settings.burst_end_percent) : random.chance(settings.burst_percent);
  return burst_;
}

std::uint64_t Link::waiting_bytes(const LinkSettings& settings, Instant now) const {
  if (settings.rate_bits == 0 || free_at_ <= now) return 0;
  const auto waiting_us = static_cast<std::uint64_t>((free_at_ - now).count()) / 1000;
  return waiting_us * settings.rate_bits / 8'000'000;
}

bool Link::is_marked(const LinkSettings& settings, Instant now, Random& random) {
  const bool is_long = settings.mark_queue_bytes != 0 && waiting_bytes(settings, now) > settings.mark_queue_bytes;
  return is_long || random.chance(settings.mark_percent);
}

Instant Link::transmitted(const LinkSettings& settings, Instant now, std::uint32_t length) {
  if (settings.rate_bits == 0) return now;
  if (free_at_ > now) ++counts_.queued;
  const std::uint64_t took_ns = std::uint64_t{length} * 8 * 1'000'000'000 / settings.rate_bits;
  return free_at_ = std::max(free_at_, now) + Duration{static_cast<Duration::rep>(took_ns)};
}

void Link::deliver(const LinkSettings& settings, Instant sent, Random& random, Passage& passage) {
  Instant arrival = sent + settings.delay;
  passage.is_reordered = random.chance(settings.reorder_percent);
  if (passage.is_reordered) {
    ++counts_.reordered;
    arrival += settings.delay * (1 + random.below(4));
  } else {
    if (settings.jitter > Duration{}) arrival += settings.jitter * random.below(1000) / 1000;
    arrival = last_arrival_ = std::max(arrival, last_arrival_);
  }
  passage.arrival = {arrival, arrival + settings.delay / 2};
  if (!random.chance(settings.duplicate_percent)) return;
  ++counts_.duplicated;
  passage.copies = 2;
}

}  // namespace weir::testing
