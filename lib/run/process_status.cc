#include "process_impl.h"

namespace weir::run {

std::vector<const stack::Host*> Process::hosts() const {
  std::vector<const stack::Host*> hosts;
  for (const auto& worker : impl_->workers) hosts.push_back(&worker->host());
  return hosts;
}

std::vector<const stack::DropCounters*> Process::link_drops() const {
  std::vector<const stack::DropCounters*> drops;
  for (const auto& worker : impl_->workers) drops.push_back(&worker->link_drops());
  return drops;
}

std::vector<WorkerStatus> Process::workers() const {
  std::vector<WorkerStatus> all;
  for (const auto& run : impl_->runs) {
    const WorkerMetrics& metrics = run->worker->metrics();
    WorkerStatus status;
    status.lcore = run->lcore;
    status.turns = metrics.turns.value();
    status.busy_turns = metrics.busy_turns.value();
    status.sleeps = metrics.sleeps.value();
    status.busy_ns = metrics.busy_ns.value();
    status.idle_ns = metrics.idle_ns.value();
    status.busy_share = run->busy_share;
    status.handed_over = metrics.handed_over.value();
    status.taken_over = metrics.taken_over.value();
    status.hand_over_full = metrics.hand_over_full.value();
    for (const auto& port : impl_->ports) {
      const nic::QueueCounters& queue = port->counters(run->worker->index());
      status.rx_packets += queue.rx_packets.value();
      status.rx_bytes += queue.rx_bytes.value();
      status.tx_packets += queue.tx_packets.value();
      status.tx_bytes += queue.tx_bytes.value();
    }
    all.push_back(status);
  }
  return all;
}

namespace {

PortStatus status_of(const nic::Port& port, const PortConfig& config, const nic::LinkState& link) {
  PortStatus status;
  status.device = config.device;
  status.mac = port.mac().to_string();
  status.link_up = link.up;
  status.link_mbps = link.mbps;
  status.mtu = port.mtu();
  status.queues = port.queues();
  for (const Prefix& address : config.addresses) status.addresses.push_back(address.to_string());
  for (const IpAddress& address : config.announced) status.addresses.push_back(address.to_string());
  status.choices = port.describe();
  const nic::PortStats stats = port.stats();
  status.rx_packets = stats.rx_packets;
  status.rx_bytes = stats.rx_bytes;
  status.tx_packets = stats.tx_packets;
  status.tx_merged = stats.tx_merged;
  status.tx_bytes = stats.tx_bytes;
  status.rx_missed = stats.rx_missed;
  status.rx_errors = stats.rx_errors + stats.rx_no_mbuf;
  status.rx_no_packets = stats.rx_no_mbuf;
  status.tx_dropped = stats.tx_dropped;
  status.tx_errors = stats.tx_errors + stats.tx_dropped;
  return status;
}

}  // namespace

std::vector<PortStatus> Process::ports() const {
  const std::lock_guard lock(impl_->links_mutex);
  std::vector<PortStatus> all;
  for (std::size_t i = 0; i < impl_->ports.size(); ++i)
    all.push_back(status_of(*impl_->ports[i], impl_->config.ports[i], impl_->links[i]));
  return all;
}

stack::PoolLevels Process::pools() const {
  const PacketPool& packets = *impl_->packets;
  return {{{"packets", packets.capacity(), packets.capacity() - packets.available()}}};
}

ControlSubject Process::control_subject(const std::string& program) {
  ControlSubject subject;
  subject.program = program;
  subject.name = impl_->config.name;
  subject.started = started();
  subject.now = [this] { return now(); };
  subject.hosts = hosts();
  subject.link_drops = link_drops();
  subject.workers = [this] { return workers(); };
  subject.ports = [this] { return ports(); };
  subject.pools = [this] { return pools(); };
  subject.state = [this] { return state(); };
  subject.reload = [this] { return reload(); };
  subject.drain = [this] { drain(); };
  subject.stop = [this] { stop(); };
  return subject;
}

}  // namespace weir::run
