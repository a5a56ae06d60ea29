// One link of a simulated network: what becomes of a packet, and when it arrives. Chance comes from the Random that is
// handed in, so that a seed repeats it all.
#pragma once

#include <array>
#include <cstdint>

#include <weir/base/instant.h>
#include <weir/base/random.h>

namespace weir::testing {

// Percentages are of packets.
struct LinkSettings {
  Duration delay = 5ms;
  double loss_percent = 0;
  double duplicate_percent = 0;
  double reorder_percent = 0;          // delayed by up to 4 * delay more, so that later ones overtake
  double corrupt_percent = 0;          // one random bit flipped
  Duration jitter{};                   // up to so much more delay; the order stays
  std::uint64_t rate_bits = 0;         // a second; 0: no limit
  std::uint32_t queue_bytes = 0;       // that may wait for their turn, the newest is dropped; 0: no limit
  double burst_percent = 0;            // starts a burst of losses (Gilbert 1960)
  double burst_end_percent = 25;       // ends it: bursts of four packets in the mean
  double mark_percent = 0;             // of packets that are ECN-capable: congestion experienced (RFC 3168 §5)
  std::uint32_t mark_queue_bytes = 0;  // and of those that find so much waiting; 0: none
  std::uint16_t mtu = 0;               // longer packets do not pass; 0: all do
  bool is_black_hole = false;          // and nobody says that they were too big
  bool is_down = false;                // nothing passes
};

// What really happened.
struct LinkCounts {
  std::uint64_t sent = 0, lost = 0, duplicated = 0, reordered = 0, corrupted = 0;
  std::uint64_t burst_lost = 0, queue_dropped = 0, queued = 0, marked = 0, too_big = 0, black_holed = 0, down = 0;
  std::uint64_t no_buffer = 0;  // the receiver had no packet left to put it in
  std::uint64_t postponed = 0;  // arrived while the receiver was paused

  LinkCounts& operator+=(const LinkCounts& other);
};

enum class Fate : std::uint8_t { kPassed, kLost, kBurstLost, kQueueFull, kTooBig, kBlackHoled, kDown };
const char* to_string(Fate fate);

struct Passage {
  Fate fate = Fate::kPassed;
  bool is_corrupted = false;
  bool is_marked = false;
  bool is_reordered = false;
  unsigned copies = 1;
  std::array<Instant, 2> arrival{};
};

// One direction. The settings may be others for every packet.
class Link {
 public:
  Passage pass(const LinkSettings& settings, Instant now, std::uint32_t length, bool is_ecn_capable, Random& random);
  const LinkCounts& counts() const { return counts_; }
  void count_no_buffer() { ++counts_.no_buffer; }
  void count_postponed() { ++counts_.postponed; }
  void count_lost() { ++counts_.sent, ++counts_.lost; }

 private:
  Fate admit(const LinkSettings& settings, Instant now, std::uint32_t length, Random& random);
  bool in_burst(const LinkSettings& settings, Random& random);
  std::uint64_t waiting_bytes(const LinkSettings& settings, Instant now) const;
  bool is_marked(const LinkSettings& settings, Instant now, Random& random);
  Instant transmitted(const LinkSettings& settings, Instant now, std::uint32_t length);
  void deliver(const LinkSettings& settings, Instant sent, Random& random, Passage& passage);

  LinkCounts counts_;
  bool burst_ = false;
  Instant free_at_{};       // when the last byte that was admitted has left
  Instant last_arrival_{};  // of those whose order stays
};

}  // namespace weir::testing
