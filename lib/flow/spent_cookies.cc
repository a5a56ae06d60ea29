#include <weir/flow/spent_cookies.h>

#include <algorithm>

namespace weir {

namespace {

constexpr std::uint32_t buckets_for(std::uint32_t capacity, std::uint32_t each) {
  return std::max(1U, capacity / each + (capacity % each != 0 ? 1 : 0));
}

}  // namespace

SpentCookies::SpentCookies(std::uint32_t capacity)
    : buckets_(buckets_for(capacity, kTags)), memory_("spent cookies", buckets_ * sizeof(Bucket)) {}

std::size_t SpentCookies::bytes_for(std::uint32_t capacity) {
  return buckets_for(capacity, kTags) * sizeof(Bucket);
}

bool SpentCookies::insert(std::uint64_t fingerprint) {
  Bucket& bucket = bucket_of(fingerprint);
  auto& tag = bucket.tags[bucket.next];
  const bool forgets = tag.load(std::memory_order_relaxed) != 0;
  tag.store(tag_of(fingerprint), std::memory_order_relaxed);
  bucket.next = (bucket.next + 1) % kTags;
  return forgets;
}

bool SpentCookies::contains(std::uint64_t fingerprint) const {
  const std::uint32_t tag = tag_of(fingerprint);
  return std::ranges::any_of(bucket_of(fingerprint).tags,
                             [tag](const auto& each) { return each.load(std::memory_order_relaxed) == tag; });
}

}  // namespace weir
