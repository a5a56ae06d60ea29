// The link side of one worker: frames in, IP packets out of them; IP packets in, frames out of them. ARP and NDP are
// answered here. Shares nothing with other workers; what they must see of ARP and NDP is offered as copies.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <weir/stack/arp.h>
#include <weir/stack/drop_reason.h>
#include <weir/stack/interface.h>
#include <weir/stack/ndp.h>
#include <weir/stack/neighbour_table.h>
#include <weir/stack/routes.h>

namespace weir::stack {

struct NetworkConfig {
  Egress egress = nullptr;
  void* egress_context = nullptr;
  NeighbourSettings neighbours;
  bool shares_neighbours = false;  // several workers: offer copies of ARP and NDP frames, and expect theirs
  bool announces = true;           // one worker per process does
  SipKey secret;                   // of the tables
};

enum class RouteError : std::uint8_t { kNone, kGatewayNotOnLink, kFamilyMismatch, kNoInterface, kTooMany };
const char* to_string(RouteError error);

// One thread only.
class Network {
 public:
  static constexpr std::size_t kInterfacesMax = 16;
  static constexpr std::size_t kAddressesMax = 65535;
  static constexpr std::size_t kNeighbourCopiesMax = 64;
  static constexpr std::uint8_t kAnnouncementRounds = 3;  // MAX_NEIGHBOR_ADVERTISEMENT
  static constexpr Duration kAnnouncementInterval = 1s;
  static constexpr std::size_t kAnnouncementsPerAdvance = 64;

  // `packets` and `drops` outlive the network. Throws OutOfMemory.
  Network(const NetworkConfig& config, PacketPool& packets, DropCounters& drops, Random random, Instant now);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // --- set-up ---
  // Returns the interface's index, counting from 0. Throws std::invalid_argument beyond kInterfacesMax.
  std::uint16_t add_interface(const InterfaceConfig& config);
  // A static route; 0.0.0.0/0 and ::/0 are the defaults. The gateway must be on a link; `interface` decides where
  // several could be meant (link-local gateways).
  RouteError add_route(const Prefix& prefix, const IpAddress& via, std::optional<std::uint16_t> interface = {});
  // An own address without a network: answered for on every interface. Throws std::invalid_argument beyond
  // kAddressesMax.
  void add_virtual_address(const IpAddress& address);
  // A neighbour that needs no questions; false when the table is full.
  [[nodiscard]] bool add_neighbour(std::uint16_t interface, const IpAddress& address, const MacAddress& mac);

  // --- packets ---
  // Frames of one burst; ownership passes. The IP packets among them, link header stripped, are put into `ip_out`
  // (at least in.size() long), whose ownership passes back; their number is returned.
  std::size_t on_frames(std::uint16_t interface, std::span<rte_mbuf*> in, std::span<rte_mbuf*> ip_out, Instant now);
  // IP packets to be sent; ownership passes. Goes well as an Outbox::Flush.
  void transmit(std::span<rte_mbuf*> ip_packets, Instant now);
  // Hands every batch of frames on.
  void flush();

  // --- time ---
  // True when more may be due.
  bool advance(Instant now);
  std::optional<Instant> next_deadline() const;

  // --- the link ---
  // Tells the links of every own address (gratuitous ARP, unsolicited NA), kAnnouncementRounds times. Frames leave
  // in advance(), some per call.
  void announce(Instant now);
  // A link that comes back is announced to again (when config.announces).
  void set_link(std::uint16_t interface, bool up, Instant now);

  // --- several workers ---
  // Copies of ARP and NDP frames that other workers must see; ownership passes. mbuf->port tells the interface.
  std::size_t take_neighbour_frames(std::span<rte_mbuf*> out);
  // Such a frame from another worker: learnt from, never answered.
  void on_neighbour_copy(std::uint16_t interface, std::span<const std::uint8_t> frame, Instant now);

  // --- questions ---
  bool is_own(const IpAddress& address) const;
  // All own addresses: of interfaces (link-local ones included) and virtual ones, sorted.
  std::vector<IpAddress> own_addresses() const;
  // The address to connect from: the interface's own in the next hop's network, else its first of the family.
  std::optional<IpAddress> source_for(const IpAddress& destination) const;
  bool is_subnet_broadcast(const IpAddress& address) const { return routes_.is_subnet_broadcast(address); }
  // Group addresses the device must let through, where it filters.
  std::vector<MacAddress> group_macs(std::uint16_t interface) const;
  const NeighbourTable& neighbours() const { return neighbours_; }
  const Routes& routes() const { return routes_; }

 private:
  static constexpr std::uint16_t kEveryInterface = 0xffff;
  struct OwnAddress {
    IpAddress address;
    std::uint16_t interface = kEveryInterface;  // kEveryInterface: virtual
  };

  void drop(DropReason reason) { drops_.add(reason); }
  void add_own_address(const IpAddress& address, std::uint16_t interface);
  bool answers_for(const IpAddress& address, std::uint16_t interface) const;
  std::optional<IpAddress> source_on(std::uint16_t interface, const IpAddress& next_hop) const;

  // network_in.cc
  bool accept(std::uint16_t interface, Packet& packet, Instant now);
  bool accept_ip(std::uint16_t interface, const EthernetView& ethernet, Packet& packet, Instant now);

  // network_out.cc
  void send(Packet packet, Instant now);
  void send_to(std::uint16_t interface, const IpAddress& next_hop, Packet packet, Instant now);
  void fragment_and_send(std::uint16_t interface, const IpAddress& next_hop, Packet packet, Instant now);
  void emit_ip(std::uint16_t interface, const MacAddress& destination, Packet packet);
  void emit(std::uint16_t interface, Packet frame);

  // network_neighbours.cc
  void on_arp(std::uint16_t interface, std::span<const std::uint8_t> frame, Instant now);
  bool learn_arp(std::uint16_t interface, const ArpMessage& message, Instant now);
  void answer_arp(std::uint16_t interface, const ArpMessage& request);
  void on_ndp(std::uint16_t interface, std::span<const std::uint8_t> frame, const EthernetHeader& ethernet,
              Instant now);
  bool learn_ndp(std::uint16_t interface, const NdpMessage& message, Instant now);
  bool learn_solicitation(std::uint16_t interface, const NdpMessage& message, Instant now);
  void answer_ndp(std::uint16_t interface, const NdpMessage& request, const EthernetHeader& ethernet);
  bool is_conflict(std::uint16_t interface, const IpAddress& claimed, const MacAddress& mac);
  void count_ignored(DropReason reason);
  void offer_copy(std::uint16_t interface, std::span<const std::uint8_t> frame);

  // network_announce.cc
  void solicit(const Neighbour& neighbour, bool unicast);
  void solicit_arp(const Neighbour& neighbour, const MacAddress& to);
  void solicit_ndp(const Neighbour& neighbour, bool unicast);
  bool advance_announcements(Instant now);
  void announce_address(const OwnAddress& own);
  void announce_on(std::uint16_t interface, const IpAddress& address);

  NetworkConfig config_;
  PacketPool& packets_;
  DropCounters& drops_;
  std::vector<std::unique_ptr<Interface>> interfaces_;
  std::vector<OwnAddress> own_;  // sorted by address
  Routes routes_;
  NeighbourTable neighbours_;
  std::vector<Packet> copies_;  // at most kNeighbourCopiesMax
  std::size_t announce_cursor_ = 0;
  std::uint8_t announce_rounds_ = 0;  // still to go
  Instant announce_at_{};
  std::uint32_t fragment_identification_ = 0;
};

}  // namespace weir::stack
