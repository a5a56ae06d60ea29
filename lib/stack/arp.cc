#include <weir/stack/arp.h>

#include <cstring>

#include <rte_arp.h>
#include <rte_byteorder.h>

namespace weir::stack {

namespace {

IpAddress address_of(rte_be32_t address) {
  return IpAddress::v4(be32::from_raw(address));
}

bool is_ipv4_over_ethernet(const rte_arp_hdr& arp) {
  return rte_be_to_cpu_16(arp.arp_hardware) == RTE_ARP_HRD_ETHER &&
         rte_be_to_cpu_16(arp.arp_protocol) == kEtherTypeIpv4 && arp.arp_hlen == 6 && arp.arp_plen == 4;
}

bool may_be_sender(const ArpMessage& message) {
  if (message.sender_mac.is_group() || message.sender_mac.is_zero()) return false;
  return message.is_probe() || message.sender.is_valid_source();
}

rte_ether_addr to_dpdk(const MacAddress& mac) {
  rte_ether_addr result;
  std::memcpy(result.addr_bytes, mac.bytes().data(), 6);
  return result;
}

rte_arp_hdr header_for(const ArpMessage& message) {
  rte_arp_hdr arp{};
  arp.arp_hardware = rte_cpu_to_be_16(RTE_ARP_HRD_ETHER);
  arp.arp_protocol = rte_cpu_to_be_16(kEtherTypeIpv4);
  arp.arp_hlen = 6;
  arp.arp_plen = 4;
  arp.arp_opcode = rte_cpu_to_be_16(static_cast<std::uint16_t>(message.operation));
  arp.arp_data.arp_sha = to_dpdk(message.sender_mac);
  arp.arp_data.arp_sip = message.sender.as_v4().raw();
  arp.arp_data.arp_tha = to_dpdk(message.target_mac);
  arp.arp_data.arp_tip = message.target.as_v4().raw();
  return arp;
}

}  // namespace

std::optional<ArpMessage> parse_arp(std::span<const std::uint8_t> bytes) {
  rte_arp_hdr arp;
  if (bytes.size() < sizeof arp) return std::nullopt;
  std::memcpy(&arp, bytes.data(), sizeof arp);
  const std::uint16_t operation = rte_be_to_cpu_16(arp.arp_opcode);
  if (!is_ipv4_over_ethernet(arp) || (operation != RTE_ARP_OP_REQUEST && operation != RTE_ARP_OP_REPLY)) {
    return std::nullopt;
  }
  const ArpMessage message{.operation = static_cast<ArpMessage::Operation>(operation),
                           .sender_mac = read_mac(arp.arp_data.arp_sha.addr_bytes),
                           .sender = address_of(arp.arp_data.arp_sip),
                           .target_mac = read_mac(arp.arp_data.arp_tha.addr_bytes),
                           .target = address_of(arp.arp_data.arp_tip)};
  if (!may_be_sender(message)) return std::nullopt;
  return message;
}

Packet build_arp(PacketPool& packets, const ArpMessage& message, const MacAddress& destination) {
  Packet packet = packets.allocate();
  if (!packet) return {};
  const rte_arp_hdr arp = header_for(message);
  std::uint8_t* at = packet.append(sizeof arp);
  if (at == nullptr) return {};
  std::memcpy(at, &arp, sizeof arp);
  if (!write_ethernet(packet, {destination, message.sender_mac, kEtherTypeArp})) return {};
  return packet;
}

}  // namespace weir::stack
