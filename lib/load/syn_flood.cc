#include <weir/load/syn_flood.h>

#include <algorithm>
#include <array>

namespace weir::load {
namespace {

constexpr std::uint16_t kFirstPort = 1024;

// What a client's SYN commonly says; numbers and timestamps come later.
Segment ordinary_syn(bool is_v4) {
  Segment syn;
  syn.flags = kSyn;
  syn.window = UnscaledWindow{64240};
  syn.options.mss = static_cast<std::uint16_t>(is_v4 ? 1460 : 1440);
  syn.options.sack_permitted = true;
  syn.options.timestamps = Timestamps{};
  syn.options.window_scale = WindowScale{7};
  return syn;
}

wire::AnswerTemplate syn_to(const Endpoint& target, std::uint8_t ttl) {
  const bool is_v4 = target.address.is_v4();
  const wire::Path path{.source = is_v4 ? IpAddress::v4(be32{}) : IpAddress{},
                        .destination = target.address,
                        .destination_port = target.port,
                        .ttl = ttl};
  return {path, ordinary_syn(is_v4), wire::AnswerTemplate::FarEnd::kSource};
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

SynFlood::SynFlood(const GeneratorConfig& config, std::uint64_t seed) : config_(config), random_(seed) {
  if (config.flood_sources.empty()) return;
  for (const Endpoint& target : config.targets) syns_.push_back(syn_to(target, config.tcp.ttl));
}

unsigned SynFlood::send(stack::Host& host, Schedule& schedule, Instant now) {
  const auto due = static_cast<unsigned>(std::min<std::uint64_t>(schedule.due(now), kBurst));
  unsigned sent = 0;
  while (sent < due && send_one(host)) ++sent;
  if (sent > 0) schedule.take(sent);
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
  const std::uint64_t numbers = random_.next();
  const auto port = static_cast<std::uint16_t>(kFirstPort + random_.below(65536 - kFirstPort));
  syns_[target_].put(packet, {.far = source_for(config_.targets[target_].address),
                              .far_port = port,
                              .seq = SeqNum{static_cast<std::uint32_t>(numbers)},
                              .timestamps = {.value = static_cast<std::uint32_t>(numbers >> 32), .echo = 0}});
  target_ = target_ + 1 == config_.targets.size() ? 0 : target_ + 1;
  host.send_raw(std::move(packet));
  return true;
}

}  // namespace weir::load
