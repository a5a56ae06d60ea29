#include <weir/balance/maglev.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include <weir/base/check.h>
#include <weir/base/siphash.h>

namespace weir::balance {
namespace {

// The same on every node and in every run: places must not depend on a secret, only clients' hashes do.
std::uint64_t hash_name(std::string_view name, std::uint64_t purpose) {
  std::uint64_t hash = siphash24(SipKey{}, purpose, std::uint64_t{name.size()});
  for (std::size_t at = 0; at < name.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, name.data() + at, std::min<std::size_t>(8, name.size() - at));
    hash = siphash24(SipKey{}, hash, word);
  }
  return hash;
}

// The order in which one back end wishes for places: offset, offset + skip, offset + 2 skip, ...
struct Wishes {
  std::uint16_t backend;
  std::uint16_t weight;
  std::uint32_t next;
  std::uint32_t skip;
  std::uint32_t credit = 0;  // turns saved up, in units of 1 / largest weight
};

std::vector<Wishes> wishes_of(std::span<const BackendConfig> backends, std::uint32_t size) {
  std::vector<Wishes> result;
  for (std::size_t i = 0; i < backends.size(); ++i) {
    if (backends[i].weight == 0) continue;
    result.push_back({.backend = static_cast<std::uint16_t>(i),
                      .weight = backends[i].weight,
                      .next = static_cast<std::uint32_t>(hash_name(backends[i].name, 1) % size),
                      .skip = static_cast<std::uint32_t>(hash_name(backends[i].name, 2) % (size - 1) + 1)});
  }
  // By name, so that the order of the configuration file decides nothing.
  std::ranges::sort(result, {}, [&](const Wishes& wishes) { return std::string_view{backends[wishes.backend].name}; });
  return result;
}

void take_next_free(std::vector<std::uint16_t>& places, Wishes& wishes) {
  const auto step = [&] {
    wishes.next = static_cast<std::uint32_t>((std::uint64_t{wishes.next} + wishes.skip) % places.size());
  };
  while (places[wishes.next] != MaglevTable::kEmpty) step();
  places[wishes.next] = wishes.backend;
  step();
}

}  // namespace

bool is_prime(std::uint32_t n) {
  if (n < 4) return n >= 2;
  if (n % 2 == 0) return false;
  for (std::uint64_t d = 3; d * d <= n; d += 2) {
    if (n % d == 0) return false;
  }
  return true;
}

MaglevTable::MaglevTable(std::span<const BackendConfig> backends, std::uint32_t size) : places_(size, kEmpty) {
  WEIR_CHECK(is_prime(size) && size > backends.size());
  std::vector<Wishes> all = wishes_of(backends, size);
  if (all.empty()) return;
  const std::uint32_t largest = std::ranges::max_element(all, {}, &Wishes::weight)->weight;
  for (std::uint32_t taken = 0; taken < size;) {
    for (Wishes& wishes : all) {
      wishes.credit += wishes.weight;
      if (wishes.credit < largest) continue;
      wishes.credit -= largest;
      take_next_free(places_, wishes);
      if (++taken == size) return;
    }
  }
}

}  // namespace weir::balance
