#include <array>
#include <numeric>
#include <optional>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rte_ethdev.h>
#include <rte_gso.h>
#include <rte_ip.h>

#include <weir/wire/build.h>
#include <weir/wire/headers.h>
#include <weir/wire/merge.h>

#include "chains.h"
#include "support/eal.h"

namespace weir {
namespace {

using test::Bytes;
using test::bytes_of;

constexpr std::uint16_t kL2 = 14;
constexpr std::size_t kEach = 1000;

// A segment, by what may keep it from being merged.
struct Wanted {
  bool v4 = true;
  std::uint32_t seq = 1000;
  std::size_t length = kEach;
  std::uint8_t flags = kAck;
  std::uint32_t ack = 7;
  std::uint16_t window = 500;
  std::uint16_t port = 80;
  std::uint32_t time = 99;  // of the timestamps option; 0: no options
  std::uint8_t ttl = 64;
  std::uint8_t mac = 2;
  Ecn ecn = Ecn::kNotEct;
  bool copied = false;  // payload behind the headers in one buffer, not referred to
};

class MergeTest : public ::testing::Test {
 protected:
  rte_mbuf* frame(const Wanted& wanted) {
    Packet packet = wanted.copied ? pool->copy(text(wanted)) : referring(wanted);
    Segment segment;
    segment.seq = SeqNum{wanted.seq};
    segment.ack = SeqNum{wanted.ack};
    segment.flags = wanted.flags;
    segment.window = UnscaledWindow{wanted.window};
    if (wanted.time != 0) segment.options.timestamps = Timestamps{wanted.time, 3};
    const wire::Path path{.source = *IpAddress::parse(wanted.v4 ? "192.0.2.1" : "2001:db8::1"),
                          .destination = *IpAddress::parse(wanted.v4 ? "192.0.2.2" : "2001:db8::2"),
                          .source_port = wanted.port,
                          .destination_port = 4000,
                          .ttl = wanted.ttl,
                          .ecn = wanted.ecn};
    EXPECT_TRUE(wire::write_tcp(packet, path, segment));
    std::fill_n(packet.prepend(kL2), kL2, wanted.mac);
    packet.get()->l2_len = kL2;
    return packet.release();
  }

  // Bytes that tell where in the stream they belong.
  static Bytes text(const Wanted& wanted) {
    return test::counting(wanted.length, static_cast<std::uint8_t>(wanted.seq));
  }

  Packet referring(const Wanted& wanted) {
    Packet packet = pool->allocate();
    if (wanted.length == 0) return packet;
    const Packet whole = pool->copy(text(wanted));
    packet.append_chain(pool->reference(whole.get(), 0, static_cast<std::uint16_t>(wanted.length)));
    return packet;
  }

  // So many frames are left of these.
  std::size_t left_of(const std::vector<Wanted>& all, const wire::MergeLimits& limits = {}) {
    std::vector<rte_mbuf*> frames;
    for (const Wanted& one : all) frames.push_back(frame(one));
    const std::size_t left = wire::merge_segments(frames, kL2, limits);
    PacketPool::free(std::span{frames}.first(left));
    return left;
  }
  bool are_merged(const Wanted& first, const Wanted& second) { return left_of({first, second}) == 1; }

  test::TestPool pool{4095};
};

Bytes finished(rte_mbuf* mbuf) {
  Packet packet{mbuf};
  wire::finish_checksums(packet, kL2);
  return bytes_of(packet);
}

void put_length(Bytes& frame, bool v4) {
  const std::size_t ip = frame.size() - kL2;
  const std::size_t told = v4 ? ip : ip - sizeof(wire::Ipv6Header);
  const std::size_t at = kL2 + (v4 ? 2U : 4U);
  frame[at] = static_cast<std::uint8_t>(told >> 8);
  frame[at + 1] = static_cast<std::uint8_t>(told);
}

// One of the packets that a device makes of a frame: its headers, and the bytes [from, to) of it.
Bytes piece_of(const rte_mbuf* frame, const Bytes& whole, std::size_t from, std::size_t to) {
  const auto headers = static_cast<std::size_t>(kL2 + frame->l3_len + frame->l4_len);
  const auto at = [&](std::size_t index) { return whole.begin() + static_cast<std::ptrdiff_t>(index); };
  Bytes piece(whole.begin(), at(headers));
  piece.insert(piece.end(), at(from), at(to));
  put_length(piece, (frame->ol_flags & RTE_MBUF_F_TX_IPV4) != 0);
  std::uint8_t* tcp = piece.data() + kL2 + frame->l3_len;
  auto header = wire::load<wire::TcpHeader>(tcp);
  header.seq = be32{header.seq.value() + static_cast<std::uint32_t>(from - headers)};
  if (to < whole.size()) header.flags = static_cast<std::uint8_t>(header.flags & ~(kFin | kPsh));
  // The field's sum of the pseudo-header lacks the length.
  const std::size_t sum = header.checksum.value() + piece.size() - kL2 - frame->l3_len;
  header.checksum = be16{static_cast<std::uint16_t>((sum & 0xffff) + (sum >> 16))};
  wire::store(tcp, header);
  return piece;
}

// What a device does, after the description of RTE_MBUF_F_TX_TCP_SEG; frees the frame. Others stay as they are.
std::vector<Bytes> cut(rte_mbuf* frame, PacketPool& pool) {
  if ((frame->ol_flags & RTE_MBUF_F_TX_TCP_SEG) == 0) return {finished(frame)};
  Packet merged{frame};
  const Bytes whole = bytes_of(merged);
  std::vector<Bytes> pieces;
  std::size_t from = static_cast<std::size_t>(kL2 + frame->l3_len + frame->l4_len);
  for (std::size_t to = from; from < whole.size(); from = to) {
    to = std::min<std::size_t>(whole.size(), from + frame->tso_segsz);
    Packet packet = pool.copy(piece_of(frame, whole, from, to));
    packet.get()->ol_flags = frame->ol_flags & ~std::uint64_t{RTE_MBUF_F_TX_TCP_SEG};
    if ((frame->ol_flags & RTE_MBUF_F_TX_IPV4) != 0) packet.get()->ol_flags |= RTE_MBUF_F_TX_IP_CKSUM;
    packet.get()->tx_offload = frame->tx_offload;
    pieces.push_back(finished(packet.release()));
  }
  return pieces;
}

TEST_F(MergeTest, PutsTheSegmentsOfABurstTogether) {
  for (const bool v4 : {true, false}) {
    rte_mbuf* frames[] = {frame({.v4 = v4, .seq = 1}), frame({.v4 = v4, .seq = 1001}), frame({.v4 = v4, .seq = 2001})};
    const std::uint32_t one = frames[0]->pkt_len;
    ASSERT_EQ(wire::merge_segments(frames, kL2), 1U);
    EXPECT_EQ(frames[0]->pkt_len, one + 2 * kEach);
    EXPECT_EQ(frames[0]->tso_segsz, kEach);
    EXPECT_NE(frames[0]->ol_flags & RTE_MBUF_F_TX_TCP_SEG, 0U);
    EXPECT_EQ(frames[0]->nb_segs, 4);
    const wire::OnWire out = wire::on_wire(frames[0]);
    EXPECT_EQ(out.packets, 3U);
    EXPECT_EQ(out.bytes, 3 * one);
    rte_pktmbuf_free(frames[0]);
  }
}

TEST_F(MergeTest, TheLastMayBeShortAndEndTheStream) {
  for (const std::uint8_t flags : {std::uint8_t{kAck}, std::uint8_t{kAck | kPsh}, std::uint8_t{kAck | kPsh | kFin}}) {
    EXPECT_EQ(left_of({{.seq = 1}, {.seq = 1001, .length = 5, .flags = flags}}), 1U);
    EXPECT_EQ(left_of({{.seq = 1}, {.seq = 1001, .length = 5, .flags = flags}, {.seq = 1006, .length = 5}}), 2U);
    EXPECT_EQ(left_of({{.seq = 1, .flags = flags}, {.seq = 1001}}), flags == kAck ? 1U : 2U);
  }
}

TEST_F(MergeTest, WhatDiffersStaysApart) {
  const Wanted first{.seq = 1};
  const Wanted next{.seq = 1001};
  EXPECT_TRUE(are_merged(first, next));
  const auto differs = [&](auto change) {
    Wanted other = next;
    change(other);
    return !are_merged(first, other);
  };
  EXPECT_TRUE(differs([](Wanted& w) { w.seq = 1002; }));  // a gap
  EXPECT_TRUE(differs([](Wanted& w) { w.seq = 1; }));     // the same again
  EXPECT_TRUE(differs([](Wanted& w) { w.length = kEach + 1; }));
  EXPECT_TRUE(differs([](Wanted& w) { w.length = 0; }));
  EXPECT_TRUE(differs([](Wanted& w) { w.ack = 8; }));
  EXPECT_TRUE(differs([](Wanted& w) { w.window = 501; }));
  EXPECT_TRUE(differs([](Wanted& w) { w.port = 81; }));
  EXPECT_TRUE(differs([](Wanted& w) { w.time = 100; }));
  EXPECT_TRUE(differs([](Wanted& w) { w.time = 0; }));
  EXPECT_TRUE(differs([](Wanted& w) { w.ttl = 63; }));
  EXPECT_TRUE(differs([](Wanted& w) { w.mac = 4; }));
  EXPECT_TRUE(differs([](Wanted& w) { w.ecn = Ecn::kEct0; }));
  EXPECT_TRUE(differs([](Wanted& w) { w.v4 = false; }));
  for (const std::uint8_t flag : {kSyn, kRst, kUrg, kEce, kCwr})
    EXPECT_TRUE(differs([&](Wanted& w) { w.flags = static_cast<std::uint8_t>(kAck | flag); })) << unsigned{flag};
  for (const std::uint8_t flag : {kSyn, kRst, kUrg, kEce, kCwr, kFin, kPsh}) {
    Wanted marked = first;
    marked.flags = static_cast<std::uint8_t>(kAck | flag);
    EXPECT_FALSE(are_merged(marked, next)) << unsigned{flag};
  }
}

TEST_F(MergeTest, OnlyNeighboursAreMerged) {
  EXPECT_EQ(left_of({{.seq = 1}, {.seq = 1, .port = 81}, {.seq = 1001}, {.seq = 1001, .port = 81}}), 4U);
  EXPECT_EQ(left_of({{.seq = 1}, {.seq = 1001}, {.seq = 1, .port = 81}, {.seq = 1001, .port = 81}}), 2U);
}

TEST_F(MergeTest, WhatOthersReferToIsLeftAlone) {
  rte_mbuf* frames[] = {frame({.seq = 1}), frame({.seq = 1001})};
  rte_mbuf_refcnt_update(frames[1], 1);
  EXPECT_EQ(wire::merge_segments(frames, kL2), 2U);
  rte_mbuf_refcnt_update(frames[1], -1);
  PacketPool::free(frames);
}

TEST_F(MergeTest, WhatDriversDoNotCutSoSmallStaysApart) {
  EXPECT_EQ(left_of({{.seq = 1, .length = 255}, {.seq = 256, .length = 255}}), 2U);
  EXPECT_EQ(left_of({{.seq = 1, .length = 256}, {.seq = 257, .length = 256}}), 1U);
  EXPECT_EQ(left_of({{.seq = 1}, {.seq = 1001, .length = 5}}), 1U) << "the last may be";
}

TEST_F(MergeTest, ADevicesBoundsAreKept) {
  std::vector<Wanted> all;
  for (std::uint32_t i = 0; i < 10; ++i) all.push_back({.seq = 1 + i * std::uint32_t{kEach}});
  EXPECT_EQ(left_of(all), 1U);
  EXPECT_EQ(left_of(all, {.buffers = 6}), 2U);  // one of headers and five of payload, twice
  EXPECT_EQ(left_of(all, {.buffers = 2}), 10U);
  while (all.size() < 66) all.push_back({.seq = 1 + static_cast<std::uint32_t>(all.size() * kEach)});
  EXPECT_EQ(left_of(all, {.buffers = 255}), 2U);  // more than 65,535 bytes
}

// DPDK's own cutter as the judge.
TEST_F(MergeTest, LibrteGsoCutsItIntoWhatItWas) {
  std::vector<rte_mbuf*> frames;
  std::vector<Bytes> before;
  for (std::uint32_t i = 0; i < 20; ++i) {
    const Wanted one{.seq = 1 + i * std::uint32_t{kEach},
                     .length = i == 19 ? 17 : kEach,
                     .flags = static_cast<std::uint8_t>(i == 19 ? kAck | kPsh | kFin : kAck)};
    frames.push_back(frame(one));
    before.push_back(finished(frame(one)));
  }
  ASSERT_EQ(wire::merge_segments(frames, kL2, {.buffers = 32}), 1U);
  rte_mbuf* merged = frames[0];
  const auto headers = static_cast<std::uint16_t>(kL2 + merged->l3_len + merged->l4_len);
  const rte_gso_ctx cutter{.direct_pool = pool->get(),
                           .indirect_pool = pool->get(),
                           .flag = RTE_GSO_FLAG_IPID_FIXED,
                           .gso_types = RTE_ETH_TX_OFFLOAD_TCP_TSO,
                           .gso_size = static_cast<std::uint16_t>(merged->tso_segsz + headers)};
  std::array<rte_mbuf*, 32> pieces{};
  ASSERT_EQ(rte_gso_segment(merged, &cutter, pieces.data(), pieces.size()), 20);
  rte_pktmbuf_free(merged);
  for (std::size_t i = 0; i < before.size(); ++i) {
    // It leaves the checksum field as it found it: the pseudo-header's sum is put there anew.
    auto* tcp = rte_pktmbuf_mtod_offset(pieces[i], std::uint8_t*, kL2 + sizeof(wire::Ipv4Header));
    const auto* ip = rte_pktmbuf_mtod_offset(pieces[i], const rte_ipv4_hdr*, kL2);
    wire::store(tcp + offsetof(wire::TcpHeader, checksum), rte_ipv4_phdr_cksum(ip, 0));
    pieces[i]->ol_flags |= RTE_MBUF_F_TX_TCP_CKSUM;
    EXPECT_EQ(finished(pieces[i]), before[i]) << i;
  }
}

// What a burst may hold: two connections, mostly full segments.
struct Burst {
  bool v4 = true;
  bool is_summed = false;  // IPv4's header checksum is there already: a device that leaves it to software
  std::vector<Wanted> segments{};
};

int pick(int below) {
  return *rc::gen::inRange(0, below);
}

Burst any_burst() {
  Burst burst{.v4 = pick(2) == 0, .is_summed = pick(2) == 0};
  std::array<std::uint32_t, 2> seq{0xffff'f000U, 5};
  for (int i = 1 + pick(40); i > 0; --i) {
    const auto flow = static_cast<std::size_t>(pick(5) == 0);
    Wanted one{.v4 = burst.v4, .seq = seq[flow], .port = static_cast<std::uint16_t>(80 + flow), .copied = pick(3) == 0};
    if (pick(6) == 0) one.length = static_cast<std::size_t>(pick(kEach + 50));
    if (pick(8) == 0) one.flags = static_cast<std::uint8_t>(kAck | *rc::gen::element(kPsh, kFin, kUrg, kCwr));
    if (pick(10) == 0) one.time = 0;
    if (pick(15) == 0) one.window = 1;
    seq[flow] += static_cast<std::uint32_t>(one.length) + (pick(20) == 0 ? 1 : 0);
    burst.segments.push_back(one);
  }
  return burst;
}

void sum_header(rte_mbuf* frame) {
  const std::uint64_t rest = frame->ol_flags & ~std::uint64_t{RTE_MBUF_F_TX_IP_CKSUM};
  frame->ol_flags = RTE_MBUF_F_TX_IP_CKSUM;
  Packet packet{frame};
  wire::finish_checksums(packet, kL2);
  packet.release()->ol_flags = rest;
}

bool has_right_header(const rte_mbuf* frame) {
  return rte_ipv4_cksum(rte_pktmbuf_mtod_offset(frame, const rte_ipv4_hdr*, kL2)) == 0;
}

TEST_F(MergeTest, CutAgainABurstIsWhatItWas) {
  EXPECT_TRUE(rc::check([this] {
    const Burst burst = any_burst();
    std::vector<rte_mbuf*> frames;
    std::vector<Bytes> before;
    for (const Wanted& one : burst.segments) {
      frames.push_back(frame(one));
      before.push_back(finished(frame(one)));
      if (burst.is_summed && burst.v4) sum_header(frames.back());
    }
    const std::size_t left = wire::merge_segments(frames, kL2, {.buffers = static_cast<std::uint16_t>(2 + pick(60))});
    std::vector<Bytes> after;
    std::uint64_t packets = 0;
    bool are_right = true;
    for (rte_mbuf* each : std::span{frames}.first(left)) {
      packets += wire::on_wire(each).packets;
      if (burst.is_summed && burst.v4) are_right = are_right && has_right_header(each);
      for (Bytes& piece : cut(each, *pool)) after.push_back(std::move(piece));
    }
    RC_ASSERT(are_right);
    RC_ASSERT((after == before) == true);
    RC_ASSERT(packets == before.size());
  }));
}

}  // namespace
}  // namespace weir
