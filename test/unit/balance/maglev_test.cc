#include <algorithm>

#include <gtest/gtest.h>

#include <weir/balance/scheduler.h>

namespace weir::balance {
namespace {

constexpr std::uint32_t kPlaces = 65537;

std::vector<BackendConfig> named(unsigned count, std::uint16_t weight = 1) {
  std::vector<BackendConfig> backends;
  for (unsigned i = 0; i < count; ++i) backends.push_back({"backend-" + std::to_string(i), {}, weight});
  return backends;
}

std::vector<unsigned> shares(const MaglevTable& table, std::size_t backends) {
  std::vector<unsigned> result(backends, 0);
  for (const std::uint16_t place : table.places()) ++result.at(place);
  return result;
}

IpAddress client(std::uint32_t n) {
  return IpAddress::v4(be32{0x0a000000u + n});
}

TEST(MaglevTable, KnowsPrimes) {
  for (const std::uint32_t n : {2u, 3u, 5u, 251u, 65537u, 655373u, kMaglevTableMax}) EXPECT_TRUE(is_prime(n)) << n;
  for (const std::uint32_t n : {0u, 1u, 4u, 9u, 65536u, 65539u * 3}) EXPECT_FALSE(is_prime(n)) << n;
}

TEST(MaglevTable, SharesPlacesEvenly) {
  const auto backends = named(100);
  for (const unsigned share : shares(MaglevTable{backends, kPlaces}, 100)) {
    EXPECT_GE(share, kPlaces / 100);
    EXPECT_LE(share, kPlaces / 100 + 1);
  }
}

TEST(MaglevTable, SharesPlacesByWeight) {
  auto backends = named(4);
  backends[1].weight = 2;
  backends[2].weight = 5;
  backends[3].weight = 0;
  const auto share = shares(MaglevTable{backends, kPlaces}, 4);
  EXPECT_NEAR(share[0], kPlaces / 8.0, 8);
  EXPECT_NEAR(share[1], kPlaces / 4.0, 8);
  EXPECT_NEAR(share[2], kPlaces * 5 / 8.0, 8);
  EXPECT_EQ(share[3], 0u);
}

TEST(MaglevTable, OrderOfTheConfigurationDecidesNothing) {
  auto backends = named(10);
  const MaglevTable before{backends, kPlaces};
  std::ranges::reverse(backends);
  const MaglevTable after{backends, kPlaces};
  for (std::size_t i = 0; i < kPlaces; ++i) ASSERT_EQ(before.places()[i], 9 - after.places()[i]);
}

TEST(MaglevTable, HardlyMovesOthersWhenOneGoes) {
  auto backends = named(20);
  const MaglevTable before{backends, kPlaces};
  backends[7].weight = 0;
  const MaglevTable after{backends, kPlaces};
  unsigned moved = 0;
  for (std::size_t i = 0; i < kPlaces; ++i) {
    if (before.places()[i] != 7 && before.places()[i] != after.places()[i]) ++moved;
  }
  EXPECT_LT(moved, kPlaces * 3 / 100) << "more than 3 % of the places that need not move";
}

TEST(MaglevTable, WithoutWeightsIsEmpty) {
  const MaglevTable table{named(3, 0), 251};
  EXPECT_EQ(std::ranges::count(table.places(), MaglevTable::kEmpty), 251);
}

struct Balanced {
  explicit Balanced(unsigned count, SipKey key = {1, 2})
      : config(named(count)), backends(count), table(config, kPlaces), scheduler(backends, table, key) {}
  std::vector<BackendConfig> config;
  std::vector<SharedBackend> backends;
  MaglevTable table;
  Maglev scheduler;
};

TEST(Maglev, AClientStaysWithItsBackEnd) {
  Balanced cores[2]{Balanced{5}, Balanced{5}};
  for (std::uint32_t n = 0; n < 1000; ++n) {
    const auto chosen = cores[0].scheduler.choose({client(n)});
    ASSERT_EQ(chosen, cores[0].scheduler.choose({client(n)}));
    ASSERT_EQ(chosen, cores[1].scheduler.choose({client(n)}));
  }
}

TEST(Maglev, SpreadsClientsEvenly) {
  Balanced balanced{5};
  unsigned count[5] = {};
  for (std::uint32_t n = 0; n < 50000; ++n) ++count[balanced.scheduler.choose({client(n)}).value()];
  for (const unsigned c : count) EXPECT_NEAR(c, 10000, 500);
}

TEST(Maglev, AnotherKeySpreadsDifferently) {
  Balanced one{5, {1, 2}}, other{5, {3, 4}};
  unsigned same = 0;
  for (std::uint32_t n = 0; n < 5000; ++n)
    same += one.scheduler.choose({client(n)}) == other.scheduler.choose({client(n)});
  EXPECT_NEAR(same, 1000, 200);
}

TEST(Maglev, OnlyClientsOfABackEndThatIsDownMoveAndEvenly) {
  Balanced balanced{5};
  std::vector<std::uint16_t> before;
  for (std::uint32_t n = 0; n < 50000; ++n) before.push_back(balanced.scheduler.choose({client(n)}).value());
  balanced.backends[2].set_healthy(false, Instant{});
  unsigned gained[5] = {};
  for (std::uint32_t n = 0; n < 50000; ++n) {
    const std::uint16_t now = balanced.scheduler.choose({client(n)}).value();
    if (before[n] == 2)
      ++gained[now];
    else
      ASSERT_EQ(now, before[n]);
  }
  EXPECT_EQ(gained[2], 0u);
  for (const unsigned other : {0U, 1U, 3U, 4U}) EXPECT_NEAR(gained[other], 2500, 250);
}

TEST(Maglev, FindsTheLastOneThatIsUp) {
  Balanced balanced{200};
  for (unsigned i = 0; i < 200; ++i) balanced.backends[i].set_healthy(i == 123, Instant{});
  for (std::uint32_t n = 0; n < 100; ++n) EXPECT_EQ(balanced.scheduler.choose({client(n)}), 123);
  const std::uint16_t tried[] = {123};
  EXPECT_EQ(balanced.scheduler.choose({client(1), tried}), std::nullopt);
}

}  // namespace
}  // namespace weir::balance
