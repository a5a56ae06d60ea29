// Cookies that opened a connection, so that each opens one only, also where that connection has gone without a
// TIME-WAIT record. Bounded: a new one takes the place of the oldest in its bucket. One thread writes, any may ask.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include <weir/base/region.h>

namespace weir {

class SpentCookies {
 public:
  // At least `capacity` of them, in cache lines of fifteen. Throws OutOfMemory.
  explicit SpentCookies(std::uint32_t capacity);

  // `fingerprint`: uniform in 64 bits and different for each cookie (tcp/syn_cookie.h). Nothing need be forgotten when
  // a cookie has run out: it never comes back. True when another one was forgotten for it.
  bool insert(std::uint64_t fingerprint);
  // One that was not inserted is taken for one that was in a case out of 2^28.
  bool contains(std::uint64_t fingerprint) const;

  static std::size_t bytes_for(std::uint32_t capacity);

 private:
  static constexpr unsigned kTags = 15;
  struct alignas(64) Bucket {
    std::array<std::atomic<std::uint32_t>, kTags> tags;  // 0: free
    std::uint32_t next;                                  // place of the oldest
  };
  static_assert(sizeof(Bucket) == 64);

  static std::uint32_t tag_of(std::uint64_t fingerprint) { return static_cast<std::uint32_t>(fingerprint) | 1; }
  Bucket& bucket_of(std::uint64_t fingerprint) const {
    const std::uint64_t high = fingerprint >> 32;
    return static_cast<Bucket*>(memory_.data())[high * buckets_ >> 32];
  }

  std::uint32_t buckets_;
  Region memory_;
};

}  // namespace weir
