// How many connections each source prefix has open, and how fast they came. Bounded: when there is no room for one more
// source, it is not counted. One thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <weir/base/count.h>
#include <weir/base/index_pool.h>
#include <weir/base/instant.h>
#include <weir/base/region.h>
#include <weir/base/siphash.h>
#include <weir/wire/address.h>

namespace weir {

// A source prefix, as one group of listeners counts it.
struct SourceKey {
  IpAddress prefix;  // no bits set beyond its length
  std::uint16_t group = 0;
  std::uint8_t length = 0;
  bool operator==(const SourceKey&) const = default;
};

struct Source {
  SourceKey key;
  std::uint32_t open = 0;  // connections
  Instant booked{};        // see Pace
};

// Each source has two buckets of eight to lie in, chosen by a keyed hash. One without connections whose pace is at rest
// holds nothing that a new entry would not: it gives way when its place is wanted.
class SourceTable {
 public:
  static constexpr unsigned kWays = 8;

  // Room for `capacity` sources: with a third more places than that, hardly ever will one of so many find none. Throws
  // OutOfMemory.
  SourceTable(std::uint32_t capacity, SipKey secret);

  // kNoIndex when nothing is known of it.
  std::uint32_t find(const SourceKey& key) const;
  // kNoIndex when its places are taken by sources that are in use. An entry is the key's until it is at rest.
  std::uint32_t find_or_make(const SourceKey& key, Instant now);
  const Source& operator[](std::uint32_t index) const { return slots()[index]; }
  void book(std::uint32_t index, Instant until) { slots()[index].booked = until; }
  void open_one(std::uint32_t index);
  void close_one(std::uint32_t index);

  std::uint32_t in_use() const { return static_cast<std::uint32_t>(in_use_.value()); }  // with connections; any thread
  std::uint32_t places() const { return buckets_ * kWays; }
  static std::size_t bytes_for(std::uint32_t capacity);

 private:
  using Buckets = std::array<std::uint32_t, 2>;  // index of the first slot of each

  Source* slots() const { return static_cast<Source*>(memory_.data()); }
  Buckets buckets_of(const SourceKey& key) const;
  std::uint32_t find_in(const Buckets& buckets, const SourceKey& key) const;

  SipKey secret_;
  std::uint32_t buckets_;
  Region memory_;
  Count in_use_;
};

}  // namespace weir
