#include <weir/flow/port_allocator.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "keys.h"
#include "support/seed.h"

namespace weir {
namespace {

constexpr auto kAnyPort = [](std::uint16_t) { return true; };

// Each case for both families.
class PortAllocatorTest : public testing::TestWithParam<Family> {
 protected:
  IpAddress local() const { return is_v4() ? test::address_v4(0x0a00'0001) : test::address_v6(1); }
  Endpoint remote(std::uint8_t number, std::uint16_t port = 80) const {
    return {is_v4() ? test::address_v4(0xc000'0200U + number) : test::address_v6(number, 0xfd), port};
  }
  bool is_v4() const { return GetParam() == Family::kIpv4; }
  PortAllocator allocator(const PortSteering& steering) const { return {steering, SipKey{1, 2}, Random{3}}; }
  static PortSteering worker(std::uint16_t worker, std::uint16_t workers) {
    PortSteering steering;
    steering.worker = worker;
    steering.workers = workers;
    return steering;
  }
  // Two queues, and a key of random bytes. The last two bits of a port always have a say, else the ports of one queue
  // may lie further apart than is searched, or be those of one parity: the hash's lowest bit takes bits 125 and 126 of
  // the key for those of IPv4, 317 and 318 for IPv6.
  static PortSteering predicted(std::uint16_t worker, std::uint64_t seed) {
    PortSteering steering{.worker = worker, .workers = 2, .rss_predicted = true};
    Random random{seed};
    for (auto& byte : steering.rss_key) byte = static_cast<std::uint8_t>(random.next());
    for (const std::size_t byte : {15U, 39U}) steering.rss_key[byte] |= 0b110;
    steering.indirection_size = 128;
    for (std::uint16_t i = 0; i < 128; ++i) steering.indirection[i] = static_cast<std::uint16_t>(i % 2);
    return steering;
  }
};
INSTANTIATE_TEST_SUITE_P(BothFamilies, PortAllocatorTest, testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& family) { return family.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

TEST_P(PortAllocatorTest, GivesEachPortOnceBeforeAnyAgain) {
  PortAllocator ports = allocator(worker(0, 1));
  std::set<std::uint16_t> seen;
  for (std::uint32_t i = PortAllocator::kFirstPort; i <= 65535; ++i) {
    const auto port = ports.allocate(local(), remote(1), kAnyPort);
    ASSERT_TRUE(port);
    EXPECT_GE(*port, PortAllocator::kFirstPort);
    seen.insert(*port);
  }
  EXPECT_EQ(seen.size(), 65536U - PortAllocator::kFirstPort);
}

TEST_P(PortAllocatorTest, StartsElsewhereForEachDestination) {
  PortAllocator ports = allocator(worker(0, 1));
  std::set<std::uint16_t> starts;
  for (std::uint8_t i = 0; i < 100; ++i) starts.insert(*ports.allocate(local(), remote(i), kAnyPort));
  for (std::uint16_t i = 1; i <= 100; ++i) starts.insert(*ports.allocate(local(), remote(1, i), kAnyPort));
  EXPECT_GT(starts.size(), 190U);
}

TEST_P(PortAllocatorTest, PassesOverPortsInUse) {
  PortAllocator ports = allocator(worker(0, 1));
  const auto port = ports.allocate(local(), remote(1), [](std::uint16_t candidate) { return candidate % 100 == 7; });
  ASSERT_TRUE(port);
  EXPECT_EQ(*port % 100, 7);
}

TEST_P(PortAllocatorTest, GivesUpAfterABoundedSearch) {
  PortAllocator ports = allocator(worker(0, 1));
  unsigned asked = 0;
  EXPECT_FALSE(ports.allocate(local(), remote(1), [&](std::uint16_t) { return ++asked, false; }));
  EXPECT_EQ(asked, PortAllocator::kAttemptsMax);
}

TEST_P(PortAllocatorTest, GivesEveryWorkerPortsOfItsOwnByArithmetic) {
  for (const std::uint16_t workers : {std::uint16_t{2}, std::uint16_t{3}, std::uint16_t{7}}) {
    for (std::uint16_t own = 0; own < workers; ++own) {
      PortAllocator ports = allocator(worker(own, workers));
      std::set<std::uint16_t> seen;
      for (int i = 0; i < 40'000; ++i) seen.insert(*ports.allocate(local(), remote(1), kAnyPort));
      for (std::uint16_t port : seen) ASSERT_EQ(PortAllocator::owner_of(port, workers), own);
      EXPECT_GE(*seen.begin(), PortAllocator::kFirstPort);
      EXPECT_NEAR(static_cast<double>(seen.size()), 64512.0 / workers, 1) << "all of them";
    }
  }
}

TEST_P(PortAllocatorTest, PicksPortsWhoseAnswersReachItsQueue) {
  WEIR_SEEDED(seed);
  for (std::uint16_t own = 0; own < 2; ++own) {
    PortAllocator ports = allocator(predicted(own, seed));
    std::set<bool> odd;
    for (int i = 0; i < 1000; ++i) {
      const auto port = ports.allocate(local(), remote(1), kAnyPort);
      ASSERT_TRUE(port);
      EXPECT_EQ(ports.predicted_queue(remote(1), {local(), *port}), own);
      odd.insert(*port % 2 == 1);
    }
    EXPECT_EQ(odd.size(), 2U) << "not by arithmetic";
  }
}

TEST_P(PortAllocatorTest, SharesAllPortsAmongPredictedQueues) {
  WEIR_SEEDED(seed);
  std::set<std::uint16_t> seen;
  for (std::uint16_t own = 0; own < 2; ++own) {
    PortAllocator ports = allocator(predicted(own, seed));
    for (int i = 0; i < 64512; ++i) seen.insert(*ports.allocate(local(), remote(1), kAnyPort));
  }
  EXPECT_EQ(seen.size(), 64512U);
}

}  // namespace
}  // namespace weir
