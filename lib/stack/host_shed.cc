// What is given up first while more comes than a core can answer: SYNs to listeners under attack. They are told from
// the rest by a glance at their headers, since each look at a packet is time that established connections lack.
#include "destination_of.h"
#include "host_impl.h"

namespace weir::stack {

namespace {

constexpr std::size_t kAhead = 8;  // packets whose bytes are on their way while one is looked at

struct PlainSyn {
  IpAddress destination;
  std::uint16_t port = 0;
};

// A SYN and nothing else in flags, right behind an IP header without options and in one piece: what floods are made
// of. Anything else goes the long way.
std::optional<PlainSyn> plain_syn(std::span<const std::uint8_t> packet) {
  constexpr std::size_t kIpv4 = 20, kIpv6 = 40, kTcp = 20;
  constexpr std::uint8_t kIgnored = 0xc8;  // CWR, ECE, PSH
  if (packet.size() < kIpv4 + kTcp) return std::nullopt;
  const bool is_v4 = packet[0] == 0x45;
  if (!is_v4 && (packet[0] >> 4 != 6 || packet.size() < kIpv6 + kTcp)) return std::nullopt;
  if (packet[is_v4 ? 9 : 6] != static_cast<std::uint8_t>(IpProtocol::kTcp)) return std::nullopt;
  if (is_v4 && ((packet[6] & 0x3f) != 0 || packet[7] != 0)) return std::nullopt;
  const std::uint8_t* tcp = packet.data() + (is_v4 ? kIpv4 : kIpv6);
  if ((tcp[13] & ~kIgnored) != kSyn) return std::nullopt;
  return PlainSyn{*destination_of(packet), static_cast<std::uint16_t>(tcp[2] << 8 | tcp[3])};
}

}  // namespace

bool Host::Impl::sheds(std::span<const std::uint8_t> packet) {
  const auto syn = plain_syn(packet);
  if (!syn) return false;
  const std::uint16_t address = addresses.find(syn->destination);
  if (address == AddressBook::kNone) return false;
  const ListenerId id = listeners.find(address, syn->destination.family(), syn->port);
  if (id == kNoListener || !defences[id].sends_cookies()) return false;
  defences[id].on_syn_shed();
  return true;
}

std::size_t Host::shed(std::span<rte_mbuf*> packets) {
  std::array<rte_mbuf*, kShedMax> given_up;
  std::size_t kept = 0, gone = 0;
  WEIR_CHECK(packets.size() <= given_up.size());
  for (rte_mbuf* packet : packets.first(std::min(packets.size(), kAhead)))
    rte_prefetch0(rte_pktmbuf_mtod(packet, void*));
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (i + kAhead < packets.size()) rte_prefetch0(rte_pktmbuf_mtod(packets[i + kAhead], void*));
    rte_mbuf* const packet = packets[i];
    const bool is_shed = impl_->sheds({rte_pktmbuf_mtod(packet, const std::uint8_t*), packet->data_len});
    (is_shed ? given_up[gone++] : packets[kept++]) = packet;
  }
  PacketPool::free(std::span{given_up}.first(gone));
  impl_->drops.add(DropReason::kSynShed, gone);
  return kept;
}

}  // namespace weir::stack
