#include <weir/flow/source_sketch.h>

#include <algorithm>

namespace weir {

namespace {

// A prefix in 49 bits: the lowest tells the family. The address's other bits are left out.
constexpr unsigned kPrefixBits = 49;

std::uint64_t packed(const IpAddress& source) {
  if (source.is_v4()) return std::uint64_t{source.as_v4().value() >> 8} << 1 | 1;
  return be64::from_raw(source.high()).value() >> 16 << 1;
}

Prefix unpacked(std::uint64_t prefix) {
  if ((prefix & 1) != 0)
    return {IpAddress::v4(be32{static_cast<std::uint32_t>(prefix >> 1) << 8}), SourceSketch::kLengthV4};
  std::array<std::uint8_t, 16> bytes{};
  for (unsigned i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(prefix >> 1 >> (8 * (5 - i)));
  return {IpAddress::v6(bytes.data()), SourceSketch::kLengthV6};
}

}  // namespace

void SourceSketch::add(const IpAddress& source) {
  const std::uint64_t prefix = packed(source);
  Set& set = sets_[siphash13(secret_, prefix) % kSets];
  Entry* entry = &set.front();
  for (Entry& other : set) {
    const bool is_it = other.count != 0 && other.prefix == prefix;
    if (is_it || other.count < entry->count) entry = &other;
    if (is_it) break;
  }
  entry->prefix = prefix;
  ++entry->count;
  ++sum_;
  if (++unpublished_ >= kPublishEvery) publish();
}

void SourceSketch::fade() {
  publish();
  for (Set& set : sets_)
    for (Entry& entry : set) entry.count /= 2;
  sum_ /= 2;
}

void SourceSketch::clear() {
  for (Set& set : sets_) set.fill({});
  sum_ = 0;
  publish();
}

void SourceSketch::publish() {
  unpublished_ = 0;
  std::array<Entry, kTop + 1> best{};
  for (const Set& set : sets_) {
    for (const Entry& entry : set) {
      best[kTop] = entry;
      for (std::size_t i = kTop; i > 0 && best[i].count > best[i - 1].count; --i) std::swap(best[i], best[i - 1]);
    }
  }
  for (std::size_t i = 0; i < kTop; ++i) {
    const std::uint64_t permille = sum_ == 0 ? 0 : std::min<std::uint64_t>(1000, best[i].count * 1000ULL / sum_);
    top_[i].store(best[i].count == 0 ? 0 : permille << kPrefixBits | best[i].prefix, std::memory_order_relaxed);
  }
}

std::vector<TopSource> SourceSketch::top() const {
  std::vector<TopSource> all;
  for (const auto& each : top_) {
    const std::uint64_t word = each.load(std::memory_order_relaxed);
    const auto permille = static_cast<unsigned>(word >> kPrefixBits);
    if (permille != 0) all.push_back({unpacked(word & ((std::uint64_t{1} << kPrefixBits) - 1)), permille});
  }
  return all;
}

}  // namespace weir
