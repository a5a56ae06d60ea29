// A network with one interface and the link before it: frames are handed in and collected, time is turned by hand.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <weir/stack/network.h>

#include "support/eal.h"

namespace weir::test {

using namespace weir::stack;

using Bytes = std::vector<std::uint8_t>;

inline IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}
inline Prefix prefix(const char* text) {
  return Prefix::parse(text).value();
}
inline MacAddress mac(std::uint8_t last) {
  return MacAddress{{2, 0, 0, 0, 0, last}};
}

inline const MacAddress kOwnMac = mac(1);

// The same test for both families.
struct Addresses {
  const char* name;
  IpAddress own, peer, other, far, gateway, virtual_address;
  Prefix everything;
};
const Addresses& addresses(Family family);

// An IP packet with `payload` bytes of an experimental protocol (RFC 3692).
Bytes ip_packet(const IpAddress& source, const IpAddress& destination, std::size_t payload = 8);
Bytes frame(const EthernetHeader& header, const Bytes& payload);

class Link {
 public:
  explicit Link(NetworkConfig config = {}, std::uint32_t packets = 1023);

  // What an interface brings; the IP packets that come out of the network.
  std::vector<Bytes> receive(const Bytes& frame);
  // From `peer_mac`, to us: an ARP request or neighbour solicitation for `target`; the answer to a question of ours;
  // an announcement.
  void ask(const IpAddress& sender, const MacAddress& peer_mac, const IpAddress& target);
  void answer(const IpAddress& sender, const MacAddress& peer_mac, const IpAddress& to);
  void announce(const IpAddress& sender, const MacAddress& peer_mac);
  void send(const IpAddress& destination, std::size_t payload = 8);
  void advance(Duration time);  // in steps of the network's own deadlines

  // Frames that left since the last call.
  std::vector<Bytes> sent();
  // Those among them that ask for `target`, that answer or announce `address`, that carry an IP packet.
  struct Tally {
    unsigned questions = 0, unicast_questions = 0, answers = 0, announcements = 0, packets = 0;
    MacAddress packet_to{};  // of the last packet
    bool operator==(const Tally&) const = default;
  };
  Tally tally();
  std::uint64_t dropped(DropReason reason) const { return drops[reason]; }
  std::optional<NeighbourState> state_of(const IpAddress& address) const;

  TestPool pool;
  DropCounters drops;
  Instant now{std::chrono::hours{1}};
  std::vector<Bytes> frames;
  unsigned expendable = 0;  // of all frames so far
  Network network;

 private:
  static void collect(void* self, std::uint16_t interface, std::span<rte_mbuf*> batch);
  void count(const Bytes& frame, Tally& tally) const;
};

}  // namespace weir::test
