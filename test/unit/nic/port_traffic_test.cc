#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>

#include <gtest/gtest.h>
#include <unistd.h>

#include <weir/nic/port.h>
#include <weir/wire/build.h>
#include <weir/wire/parse.h>
#include <weir/wire/precedence.h>

#include "support/eal.h"

namespace weir::nic {
namespace {

constexpr std::uint16_t kEthernet = 14;

std::vector<std::uint8_t> counting(std::size_t length) {
  std::vector<std::uint8_t> bytes(length);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{1});
  return bytes;
}

// A TCP frame with checksums still to be completed; in two segments if `tail` is not empty.
rte_mbuf* frame(PacketPool& pool, const char* from, const char* to, std::size_t payload, std::size_t tail = 0) {
  Packet packet = pool.copy(counting(payload));
  if (tail != 0) {
    Packet more = pool.copy(counting(tail));
    Packet part = pool.reference(more.get(), 0, static_cast<std::uint16_t>(tail));
    EXPECT_EQ(rte_pktmbuf_chain(packet.get(), part.release()), 0);
  }
  Segment segment;
  segment.flags = kAck;
  const wire::Path path{
      .source = *IpAddress::parse(from), .destination = *IpAddress::parse(to), .source_port = 1, .destination_port = 2};
  EXPECT_TRUE(wire::write_tcp(packet, path, segment));
  std::uint8_t* header = packet.prepend(kEthernet);
  std::fill_n(header, kEthernet, std::uint8_t{2});
  return packet.release();
}

// Nothing is left to complete and every checksum is right.
void expect_complete(rte_mbuf* mbuf) {
  Packet packet{mbuf};
  packet.trim_front(kEthernet);
  IpHeader ip;
  ASSERT_EQ(wire::parse_ip(packet.data(), packet.length(), false, ip), WireError::kNone);
  EXPECT_EQ(wire::transport_checksum(packet, ip.header_length, ip), 0);
}

struct Addresses {
  const char* from;
  const char* to;
};

class PortTraffic : public ::testing::TestWithParam<Addresses> {
 protected:
  test::TestPool pool{2047};
};

TEST_P(PortTraffic, CompletesChecksumsInSoftwareWhereTheDeviceDoesNot) {
  Port port({.device = "net_ring0"}, *pool);
  rte_mbuf* out[] = {frame(*pool, GetParam().from, GetParam().to, 100),
                     frame(*pool, GetParam().from, GetParam().to, 101, 333)};
  ASSERT_EQ(port.tx_burst(0, out), 2U);
  rte_mbuf* in[Port::kBurst];
  ASSERT_EQ(port.rx_burst(0, in), 2U);
  expect_complete(in[0]);
  expect_complete(in[1]);
  EXPECT_EQ(port.counters(0).tx_checksummed.value(), 2U);
  EXPECT_EQ(port.stats().tx_packets, 2U);
  EXPECT_EQ(port.stats().rx_packets, 2U);
  EXPECT_EQ(port.stats().rx_bytes, port.stats().tx_bytes);
}

TEST_P(PortTraffic, PutsChainsIntoOneBufferWhereTheDeviceTakesNone) {
  Port port({.device = "net_null0"}, *pool);
  ASSERT_FALSE(port.offloads().tx_chains);
  rte_mbuf* out[] = {frame(*pool, GetParam().from, GetParam().to, 100),
                     frame(*pool, GetParam().from, GetParam().to, 700, 700)};
  EXPECT_EQ(port.tx_burst(0, out), 2U);
  EXPECT_EQ(port.counters(0).tx_copied.value(), 1U);
}

TEST_P(PortTraffic, CountsChainsThatNoBufferHolds) {
  Port port({.device = "net_null0"}, *pool);
  rte_mbuf* out[] = {frame(*pool, GetParam().from, GetParam().to, 1500, 1500),
                     frame(*pool, GetParam().from, GetParam().to, 100)};
  EXPECT_EQ(port.tx_burst(0, out), 1U);
  EXPECT_EQ(port.counters(0).tx_unsendable.value(), 1U);
  EXPECT_EQ(port.stats().tx_dropped, 1U);
}

INSTANTIATE_TEST_SUITE_P(Families, PortTraffic,
                         ::testing::Values(Addresses{"192.0.2.1", "192.0.2.2"},
                                           Addresses{"2001:db8::1", "2001:db8::2"}),
                         [](const auto& family) { return family.index == 0 ? "Ipv4" : "Ipv6"; });

TEST(Port, SendsTheBytesOfACopiedChainInOrder) {
  test::TestPool pool{2047};
  const std::string file = ::testing::TempDir() + "weir-nic-" + std::to_string(getpid()) + ".pcap";
  rte_mbuf* out[] = {frame(*pool, "192.0.2.1", "192.0.2.2", 64, 200)};
  {
    Port port({.device = "net_pcap0,tx_pcap=" + file}, *pool);
    ASSERT_EQ(port.tx_burst(0, out), 1U);
  }
  std::ifstream stream(file, std::ios::binary);
  const std::string captured{std::istreambuf_iterator<char>(stream), {}};
  std::vector<std::uint8_t> payload = counting(64);
  for (const std::uint8_t byte : counting(200)) payload.push_back(byte);
  ASSERT_GE(captured.size(), payload.size());
  EXPECT_TRUE(std::equal(payload.rbegin(), payload.rend(), captured.rbegin(),
                         [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); }));
  std::filesystem::remove(file);
}

// Answers to strangers make room for everything else, whoever came first; and only as long as they must.
TEST(Port, FullRingTakesWhatConnectionsSendFirst) {
  test::TestPool pool{8191};
  Port port({.device = "net_ring3"}, *pool);
  const auto burst = [&] {
    std::array<rte_mbuf*, 16> out;
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = frame(*pool, "192.0.2.1", "192.0.2.2", 1);
      if (i < 12) wire::mark_expendable(out[i]);
    }
    return out;
  };
  while (port.counters(0).tx_full.value() == 0) {
    auto out = burst();
    port.tx_burst(0, out);
  }
  rte_mbuf* in[Port::kBurst];
  const auto arrives = [&](std::size_t most) { return port.rx_burst(0, std::span{in}.first(most)); };
  ASSERT_EQ(arrives(6), 6U);  // room for so many
  rte_pktmbuf_free_bulk(in, 6);
  auto out = burst();
  EXPECT_EQ(port.tx_burst(0, out), 6U);
  std::vector<bool> expendable;
  while (const std::uint32_t count = arrives(Port::kBurst)) {
    for (rte_mbuf* each : std::span{in}.first(count)) expendable.push_back(wire::is_expendable(each));
    rte_pktmbuf_free_bulk(in, count);
  }
  const std::vector<bool> last(expendable.end() - 6, expendable.end());
  EXPECT_EQ(last, (std::vector<bool>{false, false, false, false, true, true}));
  out = burst();
  EXPECT_EQ(port.tx_burst(0, out), 16U);  // there is room: the order is changed once more,
  out = burst();
  EXPECT_EQ(port.tx_burst(0, out), 16U);  // and then no longer
  ASSERT_EQ(arrives(32), 32U);
  EXPECT_TRUE(wire::is_expendable(in[16]));
  EXPECT_FALSE(wire::is_expendable(in[31]));
  rte_pktmbuf_free_bulk(in, 32);
  EXPECT_EQ(pool->available(), pool->capacity());
}

TEST(Port, DropsAndCountsWhatAFullRingDoesNotTake) {
  test::TestPool pool{8191};
  Port port({.device = "net_ring1"}, *pool);
  std::uint32_t sent = 0, offered = 0;
  while (port.counters(0).tx_full.value() == 0 && offered < 8000) {
    rte_mbuf* out[] = {frame(*pool, "192.0.2.1", "192.0.2.2", 1)};
    sent += port.tx_burst(0, out);
    ++offered;
  }
  EXPECT_EQ(sent + port.counters(0).tx_full.value(), offered);
  EXPECT_EQ(port.counters(0).tx_full.value(), 1U);
  rte_mbuf* in[Port::kBurst];
  while (const std::uint32_t count = port.rx_burst(0, in)) rte_pktmbuf_free_bulk(in, count);
}

}  // namespace
}  // namespace weir::nic
