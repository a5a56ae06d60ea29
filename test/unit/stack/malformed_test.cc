// Bad packets of every kind: counted by reason, dropped, and the connection they pretend to belong to is unharmed.
#include <gtest/gtest.h>

#include <functional>

#include "support/raw_peer.h"
#include "support/simulation.h"

namespace weir::testing {
namespace {

using Bytes = std::vector<std::uint8_t>;

struct Bad {
  const char* name;
  Family family;
  std::function<void(Bytes&)> spoil;  // given a good data segment of the victim connection
  stack::DropReason reason;
  bool fix_ip_checksum = true;
  bool fix_tcp_checksum = false;
};

std::uint16_t internet_sum(std::span<const std::uint8_t> bytes, std::uint32_t sum = 0) {
  for (std::size_t i = 0; i < bytes.size(); ++i) sum += i % 2 == 0 ? std::uint32_t{bytes[i]} << 8 : bytes[i];
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

void put16(Bytes& bytes, std::size_t at, std::uint16_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

void fix_ip(Bytes& bytes) {
  const std::size_t length = (bytes[0] & 0xfU) * 4;
  if (length < 20 || length > bytes.size()) return;
  put16(bytes, 10, 0);
  put16(bytes, 10, static_cast<std::uint16_t>(~internet_sum(std::span{bytes}.first(length))));
}

void fix_tcp(Bytes& bytes) {
  const bool v4 = bytes[0] >> 4 == 4;
  const std::size_t start = v4 ? 20 : 40;
  const std::size_t addresses = v4 ? 12 : 8;
  put16(bytes, start + 16, 0);
  const auto length = static_cast<std::uint32_t>(bytes.size() - start);
  const std::uint32_t pseudo = internet_sum(std::span{bytes}.subspan(addresses, start - addresses)) + 6 + length;
  put16(bytes, start + 16, static_cast<std::uint16_t>(~internet_sum(std::span{bytes}.subspan(start), pseudo)));
}

constexpr std::size_t kIp4 = 20, kIp6 = 40;

// Makes room for `options` in the TCP header and sets the lengths.
void with_options(Bytes& bytes, const Bytes& options) {
  bytes.insert(bytes.begin() + kIp4 + 20, options.begin(), options.end());
  bytes[kIp4 + 12] = static_cast<std::uint8_t>((20 + options.size()) / 4 << 4);
  put16(bytes, 2, static_cast<std::uint16_t>(bytes.size()));
}

stack::ListenerId listen(RawPeer& peer) {
  stack::ListenerId listener = stack::kNoListener;
  const auto error = peer.host().listen({.address = peer.host_address(), .port = RawPeer::kHostPort}, listener);
  return error == stack::CallError::kNone ? listener : stack::kNoListener;
}

Segment syn_at(SeqNum seq) {
  return {.source_port = 4000,
          .destination_port = RawPeer::kHostPort,
          .seq = seq,
          .flags = kSyn,
          .window = UnscaledWindow{8192}};
}

using stack::DropReason;
const Bad kBad[] = {
    {"Truncated", Family::kIpv4, [](Bytes& b) { b.resize(10); }, DropReason::kTruncated, false},
    {"Version", Family::kIpv4, [](Bytes& b) { b[0] = 0x55; }, DropReason::kIpVersion, false},
    {"HeaderLengthFour", Family::kIpv4, [](Bytes& b) { b[0] = 0x44; }, DropReason::kIpHeaderLength, false},
    {"HeaderPastTheEnd", Family::kIpv4,
     [](Bytes& b) {
       b[0] = 0x4f;
       b.resize(40);
     },
     DropReason::kIpHeaderLength, false},
    {"TotalLengthBelowHeader", Family::kIpv4, [](Bytes& b) { put16(b, 2, 10); }, DropReason::kIpTotalLength},
    {"TotalLengthBeyondPacket", Family::kIpv4, [](Bytes& b) { put16(b, 2, 1400); }, DropReason::kIpTotalLength},
    {"IpChecksum", Family::kIpv4, [](Bytes& b) { b[10] ^= 1; }, DropReason::kIpChecksum, false},
    {"SourceBroadcast", Family::kIpv4, [](Bytes& b) { std::fill_n(b.begin() + 12, 4, std::uint8_t{0xff}); },
     DropReason::kIpSource},
    {"SourceMulticast", Family::kIpv4, [](Bytes& b) { b[12] = 224; }, DropReason::kIpSource},
    {"SourceZero", Family::kIpv4, [](Bytes& b) { std::fill_n(b.begin() + 12, 4, std::uint8_t{0}); },
     DropReason::kIpSource},
    {"SourceLoopback", Family::kIpv4, [](Bytes& b) { b[12] = 127; }, DropReason::kIpSource},
    {"DestinationMulticast", Family::kIpv4, [](Bytes& b) { b[16] = 224; }, DropReason::kIpDestination},
    {"DestinationBroadcast", Family::kIpv4, [](Bytes& b) { std::fill_n(b.begin() + 16, 4, std::uint8_t{0xff}); },
     DropReason::kIpDestination},
    {"NotForUs", Family::kIpv4, [](Bytes& b) { b[19] = 99; }, DropReason::kNotForUs},
    {"Land", Family::kIpv4, [](Bytes& b) { std::copy_n(b.begin() + 16, 4, b.begin() + 12); }, DropReason::kLand},
    {"UnknownProtocol", Family::kIpv4, [](Bytes& b) { b[9] = 99; }, DropReason::kUnknownProtocol},
    {"DataOffsetFour", Family::kIpv4, [](Bytes& b) { b[kIp4 + 12] = 0x40; }, DropReason::kTcpDataOffset},
    {"DataOffsetPastTheEnd", Family::kIpv4, [](Bytes& b) { b[kIp4 + 12] = 0xf0; }, DropReason::kTcpDataOffset},
    {"TcpHeaderCut", Family::kIpv4,
     [](Bytes& b) {
       b.resize(kIp4 + 12);
       put16(b, 2, kIp4 + 12);
     },
     DropReason::kTruncated},
    {"HeaderBit", Family::kIpv4, [](Bytes& b) { b[kIp4 + 5] ^= 4; }, DropReason::kTcpChecksum},
    {"PayloadBit", Family::kIpv4, [](Bytes& b) { b.back() ^= 1; }, DropReason::kTcpChecksum},
    {"PseudoHeaderBit", Family::kIpv4, [](Bytes& b) { b[15] ^= 2; }, DropReason::kTcpChecksum},
    {"OptionLengthZero", Family::kIpv4,
     [](Bytes& b) {
       with_options(b, {8, 0, 0, 0});
     },
     DropReason::kTcpOptionLength, true, true},
    {"OptionLengthOne", Family::kIpv4,
     [](Bytes& b) {
       with_options(b, {8, 1, 1, 1});
     },
     DropReason::kTcpOptionLength, true, true},
    {"OptionPastTheEnd", Family::kIpv4,
     [](Bytes& b) {
       with_options(b, {253, 9, 1, 1});
     },
     DropReason::kTcpOptionLength, true, true},
    {"PortZero", Family::kIpv4, [](Bytes& b) { put16(b, kIp4, 0); }, DropReason::kTcpPortZero, true, true},
    {"Ipv6Truncated", Family::kIpv6, [](Bytes& b) { b.resize(30); }, DropReason::kTruncated, false},
    {"Ipv6LengthBeyondPacket", Family::kIpv6, [](Bytes& b) { put16(b, 4, 1400); }, DropReason::kIpTotalLength, false},
    {"Ipv6SourceMulticast", Family::kIpv6, [](Bytes& b) { b[8] = 0xff; }, DropReason::kIpSource, false},
    {"Ipv6DestinationMulticast", Family::kIpv6,
     [](Bytes& b) {
       b[24] = 0xff;
       b[25] = 0x02;
     },
     DropReason::kIpDestination, false},
    {"Ipv6PayloadBit", Family::kIpv6, [](Bytes& b) { b.back() ^= 1; }, DropReason::kTcpChecksum, false},
    {"Ipv6DataOffset", Family::kIpv6, [](Bytes& b) { b[kIp6 + 12] = 0x20; }, DropReason::kTcpDataOffset, false},
    {"Ipv6UnknownProtocol", Family::kIpv6, [](Bytes& b) { b[6] = 99; }, DropReason::kUnknownProtocol, false},
    {"Ipv6ExtensionPastTheEnd", Family::kIpv6,
     [](Bytes& b) {
       b[6] = 0;
       b[kIp6] = 6;
       b[kIp6 + 1] = 200;
     },
     DropReason::kIpExtension, false},
};

class Malformed : public ::testing::TestWithParam<Bad> {};

TEST_P(Malformed, IsCountedAndHarmsNothing) {
  const Bad& bad = GetParam();
  RawPeer peer(small_host(5), bad.family);
  const stack::ListenerId listener = listen(peer);
  ASSERT_NE(listener, stack::kNoListener);
  Segment segment = syn_at(SeqNum{1000});
  peer.send(segment);
  const auto syn_ack = peer.take();
  ASSERT_EQ(syn_ack.size(), 1U);
  segment.seq = SeqNum{1001};
  segment.ack = syn_ack[0].segment.seq + 1;
  segment.flags = kAck | kPsh;
  peer.send(segment);
  const auto id = peer.host().accept(listener);
  ASSERT_TRUE(id.has_value());

  const Bytes payload{'h', 'e', 'l', 'l', 'o', '!'};
  Bytes bytes = peer.bytes_of(segment, payload);
  bad.spoil(bytes);
  if (bad.fix_tcp_checksum) fix_tcp(bytes);
  if (bad.family == Family::kIpv4 && bad.fix_ip_checksum) fix_ip(bytes);
  std::uint64_t dropped_before = 0, dropped_after = 0;
  for (unsigned r = 0; r < stack::kDropReasons; ++r) dropped_before += peer.host().drops()[static_cast<DropReason>(r)];
  peer.take();
  peer.send_raw(bytes);
  for (unsigned r = 0; r < stack::kDropReasons; ++r) dropped_after += peer.host().drops()[static_cast<DropReason>(r)];
  EXPECT_EQ(peer.host().drops()[bad.reason], 1U) << to_string(bad.reason);
  EXPECT_EQ(dropped_after - dropped_before, 1U);
  EXPECT_TRUE(peer.take().empty()) << "a bad packet was answered";
  EXPECT_EQ(peer.host().readable(*id), 0U);

  peer.send(segment, payload);
  EXPECT_EQ(peer.host().readable(*id), payload.size());
  peer.host().abort(*id);
}

INSTANTIATE_TEST_SUITE_P(EveryKind, Malformed, ::testing::ValuesIn(kBad),
                         [](const auto& instance) { return std::string(instance.param.name); });

// The good ones that look odd.
TEST(OddButGood, LinkPaddingIsNotPayload) {
  RawPeer peer(small_host(6), Family::kIpv4);
  const stack::ListenerId listener = listen(peer);
  ASSERT_NE(listener, stack::kNoListener);
  Bytes bytes = peer.bytes_of(syn_at(SeqNum{1}));
  bytes.resize(bytes.size() + 6, 0xee);
  peer.send_raw(bytes);
  EXPECT_EQ(peer.take().size(), 1U);
}

TEST(OddButGood, FortyBytesOfNopAndUnknownOptionsAreSkipped) {
  for (const Bytes& options : {Bytes(40, 1), Bytes{253, 4, 9, 9}, Bytes{0, 7, 7, 7}}) {
    RawPeer peer(small_host(6), Family::kIpv4);
    const stack::ListenerId listener = listen(peer);
    ASSERT_NE(listener, stack::kNoListener);
    Bytes bytes = peer.bytes_of(syn_at(SeqNum{1}));
    with_options(bytes, options);
    fix_tcp(bytes);
    fix_ip(bytes);
    peer.send_raw(bytes);
    EXPECT_EQ(peer.take().size(), 1U);
  }
}

}  // namespace
}  // namespace weir::testing
