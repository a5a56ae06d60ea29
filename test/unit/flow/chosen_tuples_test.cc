// Tuples chosen so that they meet in one place: what an attacker can compute is not what the tables use.
#include <gtest/gtest.h>

#include <weir/flow/connection_table.h>
#include <weir/flow/toeplitz.h>

#include "keys.h"

namespace weir {
namespace {

constexpr std::uint32_t kEntries = 1 << 14;
constexpr std::uint32_t kChosen = 2000;

// The key that devices have when nobody sets one.
constexpr std::array<std::uint8_t, Toeplitz::kKeyBytes> kDefaultRssKey = {
    0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
    0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
    0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa};

FlowKey attacker(Random& random) {
  return {.remote = test::address_v4(0x0a00'0000 | random.below(1 << 24)),
          .remote_port = static_cast<std::uint16_t>(1024 + random.below(60'000)),
          .local_port = 80,
          .local_address = 0};
}

std::uint32_t taken(const std::vector<FlowKey>& keys, const SipKey& secret) {
  ConnectionTable table{kEntries};
  std::uint32_t count = 0;
  for (const FlowKey& key : keys) count += table.insert(flow_hash(key, secret), count) ? 1 : 0;
  return count;
}

// The device's hash is linear, so tuples of one value are found at once; all of them come to one queue, and there
// the table spreads them.
TEST(ChosenTuples, OfOneRssHashAreSpreadByTheTable) {
  const Toeplitz rss{kDefaultRssKey};
  Random random{3};
  std::vector<FlowKey> chosen;
  const IpAddress local = test::address_v4(0xc000'0202);
  while (chosen.size() < kChosen) {
    const FlowKey key = attacker(random);
    if ((rss.hash({key.remote, key.remote_port}, {local, 80}) & 0xff) == 0) chosen.push_back(key);
  }
  EXPECT_EQ(taken(chosen, test::kSecret), kChosen);
}

}  // namespace
}  // namespace weir
