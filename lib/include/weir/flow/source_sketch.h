// Which source prefixes most packets come from, told from a fixed amount of memory: Space-Saving (Metwally, Agrawal,
// El Abbadi 2005) within sets that a keyed hash chooses. One thread, but for top().
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include <weir/base/random.h>
#include <weir/base/siphash.h>
#include <weir/wire/address.h>

namespace weir {

struct TopSource {
  Prefix prefix;
  unsigned permille = 0;  // of the packets, lately: at least so many
};

class SourceSketch {
 public:
  static constexpr unsigned kSets = 32, kWays = 8;
  static constexpr std::size_t kTop = 8;         // that are told,
  static constexpr unsigned kPermilleTold = 10;  // ... none with less than that,
  static constexpr unsigned kPacketsTold = 64;   // ... and none from fewer packets
  static constexpr unsigned kPacketsKept = 1024;
  static constexpr std::uint8_t kLengthV4 = 24, kLengthV6 = 48;
  // So many packets from one review to the next are looked at; of those beyond, one in 16, at random: no order of
  // sources hides one.
  static constexpr unsigned kLookAtAll = 512, kLookAtOneIn = 16;

  explicit SourceSketch(const SipKey& secret);

  // One more packet. A prefix with more than an eighth of its set's packets is always among those that are kept: on
  // average, with more than 1/256 of all.
  void add(const IpAddress& source) {
    if (--until_look_ == 0) look_at(source);
  }
  // At regular intervals: top() learns what is known, and where more than kPacketsKept are known, they count half from
  // now on.
  void review();
  void clear();
  // Any thread. As at the last review: the largest first, at most kTop.
  std::vector<TopSource> top() const;

 private:
  struct Entry {
    std::uint64_t prefix = 0;  // see packed()
    std::uint32_t count = 0;   // 0: free
    std::uint32_t other = 0;   // of that, at most so many were of prefixes that had this place before
    std::uint32_t sure() const { return count - other; }
  };
  using Set = std::array<Entry, kWays>;

  void look_at(const IpAddress& source);
  void count(const IpAddress& source, std::uint32_t packets);
  void publish();
  void fade();
  void look_at_next() { looks_ = 0, until_look_ = 1; }

  SipKey secret_;
  Random random_;
  std::uint32_t until_look_ = 1;
  std::uint32_t looks_ = 0;  // since the last review
  std::uint32_t sum_ = 0;    // packets that the counts stand for
  std::array<Set, kSets> sets_{};
  std::array<std::atomic<std::uint64_t>, kTop> top_{};  // each a prefix and its share in one word; 0: none
};

}  // namespace weir
