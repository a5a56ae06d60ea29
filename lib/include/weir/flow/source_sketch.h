// Which source prefixes most packets come from, told from a fixed amount of memory: Space-Saving (Metwally, Agrawal,
// El Abbadi 2005), within sets that a keyed hash chooses. One thread, but for top().
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include <weir/base/siphash.h>
#include <weir/wire/address.h>

namespace weir {

struct TopSource {
  Prefix prefix;
  unsigned permille = 0;  // of the packets looked at, lately; not less than its true share, but for what has faded
};

class SourceSketch {
 public:
  static constexpr unsigned kSets = 32, kWays = 8;
  static constexpr std::size_t kTop = 8;          // that are told
  static constexpr unsigned kPublishEvery = 128;  // packets
  static constexpr std::uint8_t kLengthV4 = 24, kLengthV6 = 48;

  explicit SourceSketch(const SipKey& secret) : secret_(secret) {}

  // One more packet. A prefix with more than an eighth of its set's packets is always among those that are kept: on
  // average, with more than 1/256 of all.
  void add(const IpAddress& source);
  // What is old counts half. At regular intervals; also makes what is known seen by top().
  void fade();
  void clear();
  // Any thread. As published last: the largest first, at most kTop.
  std::vector<TopSource> top() const;

 private:
  struct Entry {
    std::uint64_t prefix = 0;  // see packed()
    std::uint32_t count = 0;   // 0: free
  };
  using Set = std::array<Entry, kWays>;

  void publish();

  SipKey secret_;
  std::array<Set, kSets> sets_{};
  std::uint32_t sum_ = 0;
  std::uint32_t unpublished_ = 0;
  std::array<std::atomic<std::uint64_t>, kTop> top_{};  // prefix and share in one word; 0: none
};

}  // namespace weir
