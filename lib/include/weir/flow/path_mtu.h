// Path MTUs learnt from ICMP (RFC 1191, RFC 8201): bounded, forgotten after a while, so that a path that grows is
// found. Of one core: connections opened later to the same destination begin with what was learnt.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <weir/base/instant.h>
#include <weir/base/siphash.h>
#include <weir/wire/address.h>

namespace weir {

// Sets of a few entries, chosen by a keyed hash; the entry closest to its end gives way. One thread.
class PathMtuCache {
 public:
  static constexpr Duration kLifetime = 10min;  // RFC 1191 §6.3, RFC 8201 §5.3
  static constexpr std::size_t kWays = 4;

  // Room for `entries`, rounded up to a power of two.
  PathMtuCache(std::uint32_t entries, const SipKey& secret);

  // The caller has checked that the message belongs to a connection of ours (RFC 5927 §7.2). Only ever lowers.
  void learn(const IpAddress& destination, std::uint16_t mtu, Instant now, Duration lifetime = kLifetime);
  std::optional<std::uint16_t> find(const IpAddress& destination, Instant now) const;
  // Nothing was learnt within the last lifetime: nobody need ask.
  bool is_empty(Instant now) const { return now >= latest_; }
  std::size_t capacity() const { return sets_.size() * kWays; }

 private:
  struct Entry {
    IpAddress destination;
    Instant expires{};
    std::uint16_t mtu = 0;
  };
  using Set = std::array<Entry, kWays>;
  std::size_t set_of(const IpAddress& destination) const;

  SipKey secret_;
  std::vector<Set> sets_;
  Instant latest_{};  // when the last entry expires
};

}  // namespace weir
