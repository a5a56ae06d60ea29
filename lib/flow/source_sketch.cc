#include <weir/flow/source_sketch.h>

#include <algorithm>
#include <utility>

namespace weir {

namespace {

// A prefix in 49 bits: the lowest tells the family. The address's other bits are left out.
constexpr unsigned kPrefixBits = 49;
constexpr std::uint64_t kPrefixMask = (std::uint64_t{1} << kPrefixBits) - 1;

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

SourceSketch::SourceSketch(const SipKey& secret) : secret_(secret), random_(siphash13(secret, std::uint64_t{0})) {}

void SourceSketch::look_at(const IpAddress& source) {
  const bool is_one_of_many = ++looks_ > kLookAtAll;
  count(source, is_one_of_many ? kLookAtOneIn : 1);
  until_look_ = looks_ >= kLookAtAll ? 1 + random_.below(2 * kLookAtOneIn - 1) : 1;
}

void SourceSketch::count(const IpAddress& source, std::uint32_t packets) {
  const std::uint64_t prefix = packed(source);
  Set& set = sets_[siphash13(secret_, prefix) % kSets];
  Entry* entry = &set.front();
  for (Entry& other : set) {
    const bool is_it = other.count != 0 && other.prefix == prefix;
    if (is_it || other.count < entry->count) entry = &other;
    if (is_it) break;
  }
  if (entry->count == 0 || entry->prefix != prefix) *entry = {prefix, entry->count, entry->count};
  entry->count += packets;
  sum_ += packets;
}

void SourceSketch::review() {
  publish();
  look_at_next();
  if (sum_ > kPacketsKept) fade();
}

void SourceSketch::fade() {
  sum_ /= 2;
  for (Set& set : sets_)
    for (Entry& entry : set) entry.other /= 2, entry.count /= 2;
}

void SourceSketch::clear() {
  for (Set& set : sets_) set.fill({});
  sum_ = 0;
  look_at_next();
  publish();
}

void SourceSketch::publish() {
  std::array<Entry, kTop + 1> best{};
  for (const Set& set : sets_) {
    for (const Entry& entry : set) {
      best[kTop] = entry;
      for (std::size_t i = kTop; i > 0 && best[i].sure() > best[i - 1].sure(); --i) std::swap(best[i], best[i - 1]);
    }
  }
  for (std::size_t i = 0; i < kTop; ++i) {
    const std::uint64_t permille = sum_ < kPacketsTold ? 0 : std::uint64_t{best[i].sure()} * 1000 / sum_;
    const bool is_told = permille >= kPermilleTold;
    top_[i].store(is_told ? permille << kPrefixBits | best[i].prefix : 0, std::memory_order_relaxed);
  }
}

// Between two words there may have been a review, and a prefix have changed its place: it is told once.
std::vector<TopSource> SourceSketch::top() const {
  std::vector<TopSource> all;
  for (const auto& each : top_) {
    const std::uint64_t word = each.load(std::memory_order_relaxed);
    if (word == 0) continue;
    const TopSource source{unpacked(word & kPrefixMask), static_cast<unsigned>(word >> kPrefixBits)};
    if (std::ranges::find(all, source.prefix, &TopSource::prefix) == all.end()) all.push_back(source);
  }
  std::ranges::stable_sort(all, std::greater{}, &TopSource::permille);
  return all;
}

}  // namespace weir
