// A host with an open connection, the victim, whose peer keeps the rules, and an attacker played by hand at other
// ports.
#pragma once

#include "rfc_behaviour.h"

namespace weir::testing {

using stack::ConnectionId;
using stack::DropReason;
using tcp::Counter;

class UnderAttack : public RfcBehaviour {
 protected:
  static constexpr std::uint16_t kVictimPort = kPeerPort;
  static constexpr std::uint16_t kAttackerPort = 6666;

  explicit UnderAttack(const stack::HostConfig& config = small_host(21)) : RfcBehaviour(config) {}

  void SetUp() override { open_victim({}); }
  void open_victim(const tcp::Settings& settings) {
    TcpOptions options;
    options.mss = 1460;
    options.sack_permitted = true;
    victim = accepted(settings, options);
    peer.take();
    ASSERT_EQ(state(victim), tcp::State::kEstablished);
  }
  // Text goes through both ways, to the byte.
  void expect_victim_unharmed() {
    peer.take();
    const std::uint32_t unread = peer.host().readable(victim);
    says(kAck | kPsh, RawPeer::kHostPort, 100);
    EXPECT_EQ(peer.host().readable(victim), unread + 100);
    sends(victim, 50);
    const auto answers = peer.take();
    ASSERT_FALSE(answers.empty());
    EXPECT_EQ(answers.back().segment.destination_port, kVictimPort);
    EXPECT_EQ(answers.back().payload, std::vector<std::uint8_t>(50, 'y'));
    EXPECT_EQ(answers.back().segment.ack, seq);
    EXPECT_EQ(state(victim), tcp::State::kEstablished);
    ack += 50;
    says(kAck, RawPeer::kHostPort);
  }
  // The attack is over, all connections are let go of, and time passes: every pool is as it was at first.
  void expect_everything_given_back() {
    accept_all();
    for (const ConnectionId id : taken) peer.host().abort(id);
    peer.host().abort(victim);
    peer.collect();
    peer.take();
    peer.advance(200s);
    peer.take();
    for (const auto& level : peer.host().pools().levels) EXPECT_EQ(level.in_use, 0U) << level.name;
    EXPECT_EQ(peer.packets().available(), peer.packets().capacity());
  }

  Segment hostile(std::uint8_t flags, SeqNum at, SeqNum acks = {}, std::uint16_t from = kAttackerPort) const {
    Segment bad = segment(flags, RawPeer::kHostPort, from);
    bad.seq = at;
    bad.ack = acks;
    return bad;
  }
  // The packet as a piece of a longer one, not its last: the first unless it is at an offset, of eights.
  std::vector<std::uint8_t> fragment_of(std::vector<std::uint8_t> packet, std::uint32_t id, unsigned offset = 0) const {
    if (v4()) {
      packet[4] = static_cast<std::uint8_t>(id >> 8), packet[5] = static_cast<std::uint8_t>(id);
      packet[6] = 0x20;  // more fragments
      packet[7] = static_cast<std::uint8_t>(offset / 8);
      return with_ipv4_checksum(std::move(packet));
    }
    constexpr std::uint8_t kFragment = 44;
    const std::uint8_t header[] = {
        packet[6], 0, static_cast<std::uint8_t>(offset >> 8), static_cast<std::uint8_t>(offset | 1),
        0,         0, static_cast<std::uint8_t>(id >> 8),     static_cast<std::uint8_t>(id)};
    packet[6] = kFragment;
    packet[5] = static_cast<std::uint8_t>(packet[5] + sizeof header);
    packet.insert(packet.begin() + 40, std::begin(header), std::end(header));
    return packet;
  }
  static std::vector<std::uint8_t> with_ipv4_checksum(std::vector<std::uint8_t> packet) {
    packet[10] = packet[11] = 0;
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < 20; i += 2) sum += std::uint32_t{packet[i]} << 8 | packet[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    sum = ~((sum & 0xffff) + (sum >> 16));
    packet[10] = static_cast<std::uint8_t>(sum >> 8), packet[11] = static_cast<std::uint8_t>(sum);
    return packet;
  }
  // A whole connection of the attacker's; its first byte is number 1. Returns what it expects next.
  SeqNum attacker_opens(std::uint16_t mss, std::uint16_t from = kAttackerPort) {
    Segment syn = hostile(kSyn, SeqNum{0}, {}, from);
    syn.options.mss = mss;
    syn.options.sack_permitted = true;
    peer.send(syn);
    const SeqNum next = peer.take().at(0).segment.seq + 1;
    peer.send(hostile(kAck, SeqNum{1}, next, from));
    peer.take();
    return next;
  }
  // The application takes what the attacker opened.
  void accept_all() {
    while (const auto event = peer.host().next_event()) {
      if (event->listener == stack::kNoListener) continue;
      while (const auto id = peer.host().accept(event->listener)) taken.push_back(*id);
    }
  }
  ConnectionId accept_newest() {
    accept_all();
    return taken.empty() ? ConnectionId{} : taken.back();
  }
  void gives(ConnectionId id, std::size_t bytes) {
    peer.host().send(id, std::vector<std::uint8_t>(bytes, 'y'));
    peer.collect();
  }
  std::uint64_t counted(Counter counter) { return peer.host().counters()[counter]; }
  std::uint64_t dropped(DropReason reason) { return peer.host().drops()[reason]; }
  std::uint64_t in_use(std::string_view pool) {
    for (const auto& level : peer.host().pools().levels)
      if (level.name == pool) return level.in_use;
    return ~std::uint64_t{0};
  }
  std::uint64_t capacity(std::string_view pool) {
    for (const auto& level : peer.host().pools().levels)
      if (level.name == pool) return level.capacity;
    return 0;
  }

  ConnectionId victim{};
  std::vector<ConnectionId> taken;
};

}  // namespace weir::testing
