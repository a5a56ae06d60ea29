// ICMP and ICMPv6: echo answered, errors brought to the connection they are about.
#include "host_impl.h"

namespace weir::stack {

void Host::Impl::on_icmp(Packet packet, const IpHeader& ip) {
  const IcmpMessage message = parse_icmp(packet, ip);
  switch (message.kind) {
    case IcmpKind::kDropped:
      return drop(message.reason);
    case IcmpKind::kEchoRequest:
      return on_echo_request(std::move(packet), ip);
    case IcmpKind::kSoft:
    case IcmpKind::kHard:
    case IcmpKind::kTooBig:
      return on_icmp_error(std::move(packet), message);
  }
}

void Host::Impl::on_echo_request(Packet packet, const IpHeader& ip) {
  if (!icmp_budget.take(context.now)) return drop(DropReason::kIcmpRateLimited);
  if (!answer_echo(packet, ip)) return drop(DropReason::kNoPackets);
  context.out->push(std::move(packet));
}

// RFC 5927 §4.1: what is said about bytes that are not in flight was not said by a router on the path.
void Host::Impl::on_icmp_error(Packet packet, const IcmpMessage& message) {
  const FlowKey key{message.remote.address, message.remote.port, message.local.port,
                    addresses.find(message.local.address)};
  const std::uint64_t hash = flow_hash(key, config.flow_secret);
  const std::uint32_t index = find_connection(key, hash);
  if (index == kNoIndex && hand_over_to_knower(key, hash, packet)) return;
  if (index == kNoIndex || !view(index).is_in_flight(message.seq)) return drop(DropReason::kIcmpUnmatched);
  const tcp::State before = connections[index].state;
  if (message.kind == IcmpKind::kTooBig) {
    const auto life = settings_of(connections[index].owner).path_mtu_life;
    path_mtus.learn(key.remote, message.mtu, context.now, life);
    view(index).on_path_mtu(message.mtu);
  } else {
    view(index).on_icmp_error(message.kind == IcmpKind::kHard ? tcp::IcmpError::kHard : tcp::IcmpError::kSoft);
  }
  settle(index, before);
}

}  // namespace weir::stack
