#include <weir/stack/host.h>

#include "host_impl.h"

namespace weir::stack {

namespace {

std::unique_ptr<Admission> make_admission(const HostConfig& config) {
  if (config.limit_groups == 0) return nullptr;
  auto admission = std::make_unique<Admission>(config.limit_groups, config.limited_sources, config.connections,
                                               config.flow_secret, config.steering.workers);
  admission->change(config.limits);
  return admission;
}

}  // namespace

Host::Impl::Impl(const HostConfig& wanted, Outbox& outbox, PacketPool& pool, Instant now)
    : config(wanted),
      packets(pool),
      random(wanted.seed),
      listeners(wanted.listeners, wanted.option_sets, wanted.defaults),
      connections(wanted.connections, "connections"),
      cold(cold_blocks_of(wanted), "cold blocks"),
      congestion(congestion_blocks_of(wanted), "congestion blocks"),
      table(wanted.connections),
      half_open(wanted.half_open, wanted.flow_secret, Tick::at(now)),
      defences(std::make_unique<SynDefence[]>(listeners.slots())),
      cookies(wanted.cookie_secrets, wanted.cookie_clock_ahead),
      spent(wanted.spent_cookies),
      admission(make_admission(wanted)),
      time_wait(wanted.time_wait_v4, wanted.time_wait_v6, static_cast<std::uint32_t>(2 * wanted.defaults.msl.count()),
                wanted.flow_secret),
      application_timers(1 + (wanted.connection_timers ? wanted.connections : 0)),
      timers(links(), Tick::at(now)),
      is_receive_shut(wanted.connections),
      ready(wanted.connections),
      ports(wanted.steering, wanted.port_secret, Random{random.next()}),
      reassembler(ReassemblyConfig{}, drops),
      path_mtus(wanted.path_mtu_entries, wanted.flow_secret),
      context{.now = now,
              .out = &outbox,
              .packets = &pool,
              .cold = &cold,
              .congestion = &congestion,
              .local = &addresses.entries(),
              .profiles = listeners.settings(),
              .path_mtus = &path_mtus,
              .counters = &counters,
              .random = &random,
              .isn_secret = wanted.isn_secret} {
  ready_listeners.reserve(listeners.slots());
  config.limits.clear();  // lists that are replaced later shall not be held here
  challenge_refill = now;
  refill_challenge_budget();
}

Host::Host(const HostConfig& config, Outbox& outbox, PacketPool& packets, Instant now)
    : impl_(std::make_unique<Impl>(config, outbox, packets, now)) {}

Host::~Host() {
  impl_->release_all();
}

std::uint16_t Host::add_address(const IpAddress& address, std::uint16_t mtu) {
  return impl_->addresses.add(address, mtu);
}

bool Host::is_local(const IpAddress& address) const {
  return impl_->addresses.find(address) != AddressBook::kNone;
}

void Host::on_burst(std::span<rte_mbuf*> packets, Instant now) {
  impl_->context.now = now;
  for (std::size_t at = 0; at < packets.size(); at += Impl::kBurst)
    impl_->on_burst(packets.subspan(at, std::min<std::size_t>(Impl::kBurst, packets.size() - at)));
}

void Host::on_packet(Packet packet, Instant now) {
  rte_mbuf* mbuf = packet.release();
  on_burst({&mbuf, 1}, now);
}

bool Host::advance(Instant now) {
  impl_->context.now = now;
  return impl_->advance();
}

Instant Host::now() const {
  return impl_->context.now;
}
PacketPool& Host::packets() {
  return impl_->packets;
}

void Host::set_peers(std::span<Host* const> hosts, std::uint16_t own_index) {
  impl_->hand_over.set_peers(hosts, own_index);
}

std::size_t Host::take_hand_over(std::uint16_t worker, std::span<rte_mbuf*> out) {
  return impl_->hand_over.take(worker, out);
}

// Asked in the order of a flow's life, which meets it wherever it is: it enters the next table before it leaves the
// last. From TIME_WAIT it may go back to the beginning.
bool Host::knows(const FlowKey& key, std::uint64_t hash) const {
  const auto is_half_open = [&] { return impl_->half_open.find(key, hash) != kNoIndex; };
  return is_half_open() || impl_->find_connection(key, hash) != kNoIndex || impl_->time_wait.contains(key, hash) ||
         is_half_open();
}

}  // namespace weir::stack
