#include <weir/load/syn_flood.h>

#include <algorithm>
#include <array>

#include <weir/wire/build.h>

namespace weir::load {
namespace {

constexpr std::uint16_t kFirstPort = 1024;

// What a client's SYN commonly says.
Segment ordinary_syn(Random& random, bool is_v4) {
  Segment syn;
  syn.seq = SeqNum{static_cast<std::uint32_t>(random.next())};
  syn.flags = kSyn;
  syn.window = UnscaledWindow{64240};
  syn.options.mss = static_cast<std::uint16_t>(is_v4 ? 1460 : 1440);
  syn.options.sack_permitted = true;
  syn.options.timestamps = Timestamps{.value = static_cast<std::uint32_t>(random.next()), .echo = 0};
  syn.options.window_scale = WindowScale{7};
  return syn;
}

IpAddress v4_in(const Prefix& network, Random& random) {
  const unsigned host_bits = 32U - network.length;
  const std::uint32_t base = network.address.as_v4().value() & (host_bits == 32 ? 0 : ~0U << host_bits);
  if (host_bits == 0) return IpAddress::v4(be32{base});
  if (host_bits == 1) return IpAddress::v4(be32{base + random.below(2)});
  const std::uint32_t count = host_bits == 32 ? ~0U : (1U << host_bits) - 2;
  return IpAddress::v4(be32{base + 1 + random.below(count)});
}

IpAddress v6_in(const Prefix& network, Random& random) {
  std::array<std::uint8_t, 16> bytes = network.address.bytes();
  for (unsigned bit = network.length; bit < 128; ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> bit % 8);
    const bool is_set = (random.next() >> 63) != 0;
    bytes[bit / 8] = static_cast<std::uint8_t>(is_set ? bytes[bit / 8] | mask : bytes[bit / 8] & ~mask);
  }
  return IpAddress::v6(bytes.data());
}

}  // namespace

IpAddress random_address(const Prefix& network, Random& random) {
  return network.address.is_v4() ? v4_in(network, random) : v6_in(network, random);
}

unsigned SynFlood::send(stack::Host& host, Schedule& schedule, Instant now) {
  unsigned sent = 0;
  for (; sent < kBurst; ++sent) {
    if (schedule.is_running() && schedule.next() > now) break;
    if (!send_one(host)) break;
    if (schedule.is_running()) schedule.take();
  }
  return sent;
}

// Configurations without a network of a target's family are refused when they are read.
IpAddress SynFlood::source_for(const IpAddress& target) {
  const auto& networks = config_.flood_sources;
  std::size_t at = random_.below(static_cast<std::uint32_t>(networks.size()));
  while (networks[at].address.family() != target.family()) at = at + 1 == networks.size() ? 0 : at + 1;
  return random_address(networks[at], random_);
}

bool SynFlood::send_one(stack::Host& host) {
  Packet packet = host.packets().allocate();
  if (!packet) return false;
  const Endpoint& target = config_.targets[target_];
  target_ = target_ + 1 == config_.targets.size() ? 0 : target_ + 1;
  const wire::Path path{.source = source_for(target.address),
                        .destination = target.address,
                        .source_port = static_cast<std::uint16_t>(kFirstPort + random_.below(65536 - kFirstPort)),
                        .destination_port = target.port,
                        .ttl = config_.tcp.ttl};
  if (!wire::write_tcp(packet, path, ordinary_syn(random_, target.address.is_v4()))) return false;
  host.send_raw(std::move(packet));
  return true;
}

}  // namespace weir::load
