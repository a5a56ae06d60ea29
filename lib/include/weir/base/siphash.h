// SipHash (Aumasson & Bernstein 2012) over a few 64-bit words: SipHash-2-4 for cookies and sequence numbers,
// SipHash-1-3 for tables. The input's length is bound into the last block as in the paper.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <span>

namespace weir {

struct SipKey {
  std::uint64_t k0 = 0;
  std::uint64_t k1 = 0;
};

namespace siphash_detail {

struct State {
  std::uint64_t v0, v1, v2, v3;

  explicit constexpr State(const SipKey& key)
      : v0(key.k0 ^ 0x736f6d6570736575),
        v1(key.k1 ^ 0x646f72616e646f6d),
        v2(key.k0 ^ 0x6c7967656e657261),
        v3(key.k1 ^ 0x7465646279746573) {}

  static constexpr std::uint64_t rotate(std::uint64_t x, int bits) { return x << bits | x >> (64 - bits); }
  // Always inline: called, the four words go through memory, which costs more than the round.
  [[gnu::always_inline]] constexpr void round() {
    v0 += v1, v1 = rotate(v1, 13) ^ v0, v0 = rotate(v0, 32);
    v2 += v3, v3 = rotate(v3, 16) ^ v2;
    v0 += v3, v3 = rotate(v3, 21) ^ v0;
    v2 += v1, v1 = rotate(v1, 17) ^ v2, v2 = rotate(v2, 32);
  }
  template <int kRounds>
  [[gnu::always_inline]] constexpr void absorb(std::uint64_t word) {
    v3 ^= word;
    for (int i = 0; i < kRounds; ++i) round();
    v0 ^= word;
  }
  template <int kRounds>
  [[gnu::always_inline]] constexpr std::uint64_t finish() {
    v2 ^= 0xff;
    for (int i = 0; i < kRounds; ++i) round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

template <int kCompress, int kFinish, std::same_as<std::uint64_t>... Words>
constexpr std::uint64_t hash_words(const SipKey& key, Words... words) {
  State state{key};
  (state.absorb<kCompress>(words), ...);
  state.absorb<kCompress>(std::uint64_t{sizeof...(words) * 8 & 0xff} << 56);
  return state.finish<kFinish>();
}

}  // namespace siphash_detail

template <std::same_as<std::uint64_t>... Words>
constexpr std::uint64_t siphash24(const SipKey& key, Words... words) {
  return siphash_detail::hash_words<2, 4>(key, words...);
}

template <std::same_as<std::uint64_t>... Words>
constexpr std::uint64_t siphash13(const SipKey& key, Words... words) {
  return siphash_detail::hash_words<1, 3>(key, words...);
}

// What follows the words of an input: its last bytes, at most seven, the first one lowest.
struct SipTail {
  std::uint64_t bytes = 0;  // 0 beyond `count`
  unsigned count = 0;
};

// Of inputs that begin alike: what they have in common is worked in once.
template <int kCompress, int kFinish>
class SipPrefix {
 public:
  template <std::same_as<std::uint64_t>... Words>
  constexpr explicit SipPrefix(const SipKey& key, Words... words) : state_(key), length_(sizeof...(words) * 8) {
    (state_.template absorb<kCompress>(words), ...);
  }
  // Of the prefix, then the words, then the tail.
  template <std::same_as<std::uint64_t>... Words>
  constexpr std::uint64_t hash(SipTail tail, Words... words) const {
    siphash_detail::State state = state_;
    (state.template absorb<kCompress>(words), ...);
    const std::uint64_t length = length_ + sizeof...(words) * 8 + tail.count;
    state.template absorb<kCompress>((length & 0xff) << 56 | tail.bytes);
    return state.template finish<kFinish>();
  }

 private:
  siphash_detail::State state_;
  unsigned length_;
};
using SipPrefix24 = SipPrefix<2, 4>;

template <std::same_as<std::uint64_t>... Words>
constexpr std::uint64_t siphash24(const SipKey& key, SipTail tail, Words... words) {
  return SipPrefix<2, 4>{key}.hash(tail, words...);
}

template <std::same_as<std::uint64_t>... Words>
constexpr std::uint64_t siphash13(const SipKey& key, SipTail tail, Words... words) {
  return SipPrefix<1, 3>{key}.hash(tail, words...);
}

}  // namespace weir
