#include <weir/base/random.h>

#include <sys/random.h>

#include <bit>
#include <cerrno>

#include <weir/base/check.h>

namespace weir {
namespace {

// SplitMix64 (Steele, Lea & Flood 2014): spreads one word over a state that is never all zero.
std::uint64_t split_mix(std::uint64_t& state) {
  std::uint64_t z = state += 0x9e37'79b9'7f4a'7c15;
  z = (z ^ z >> 30) * 0xbf58'476d'1ce4'e5b9;
  z = (z ^ z >> 27) * 0x94d0'49bb'1331'11eb;
  return z ^ z >> 31;
}

std::uint64_t from_kernel() {
  std::uint64_t word = 0;
  ssize_t got = -1;
  do {
    got = getrandom(&word, sizeof(word), 0);
  } while (got < 0 && errno == EINTR);
  WEIR_CHECK(got == sizeof(word));  // up to 256 bytes come whole (getrandom(2))
  return word;
}

}  // namespace

Random::Random(std::uint64_t seed) {
  for (std::uint64_t& word : state_) word = split_mix(seed);
}

std::uint64_t Random::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

SipKey secret_key() {
  return SipKey{from_kernel(), from_kernel()};
}
std::uint64_t secret_seed() {
  return from_kernel();
}

}  // namespace weir
