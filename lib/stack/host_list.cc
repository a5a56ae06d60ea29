// Connections as other threads may see them: copies. Nothing here changes state, and a reader never waits for the
// worker.
#include <algorithm>

#include <weir/base/copy_words.h>

#include "host_impl.h"

namespace weir::stack {

namespace {

ConnectionInfo describe(const tcp::Tcb& tcb, const std::vector<tcp::LocalAddress>& local) {
  ConnectionInfo info;
  if (tcb.local_address < local.size()) info.local = {local[tcb.local_address].address, tcb.local_port};
  info.remote = {tcb.remote, tcb.remote_port};
  info.state = tcb.state;
  info.reason = tcb.reason;
  info.passive = tcb.has(tcp::kPassive);
  info.user = tcb.user;
  info.cwnd = tcb.cwnd;
  info.ssthresh = tcb.ssthresh;
  info.srtt_us = tcb.srtt_us;
  info.rttvar_us = tcb.rttvar_us;
  info.snd_wnd = tcb.snd_wnd;
  info.mss = tcb.mss;
  info.retries = tcb.retries;
  info.ecn = (tcb.ecn & tcp::kEcnOk) != 0;
  info.unacknowledged = tcb.snd_nxt.since(tcb.snd_una);
  info.sack = tcb.has(tcp::kSackOk);
  info.timestamps = tcb.has(tcp::kTimestampsOk);
  info.window_scale = tcb.has(tcp::kWindowScaleOk);
  info.snd_scale = tcb.snd_scale;
  info.rcv_scale = tcb.rcv_scale;
  info.no_delay = tcb.has(tcp::kNoDelay);
  info.keep_alive = tcb.has(tcp::kKeepAliveOn);
  info.keep_alive_probes = tcb.probes;
  info.backoff = tcb.backoff;
  return info;
}

// With what the cold block tells besides. Other threads look through a copy of the Tcb, and the block may have
// changed since, or serve another connection: its memory stays, so that figures may be off, no worse. Below nothing
// is nothing.
ConnectionInfo describe(tcp::Context& context, const tcp::Tcb& tcb) {
  ConnectionInfo info = describe(tcb, *context.local);
  tcp::Tcb copy = tcb;
  const tcp::Connection connection{context, copy};
  info.unsent = static_cast<std::uint32_t>(std::max(0, static_cast<std::int32_t>(connection.unsent_bytes())));
  info.unread = connection.readable();
  info.rcv_wnd = connection.announced_window();
  info.congestion_control = context.profiles[tcb.owner].congestion_control;
  info.urgent = connection.urgent_bytes();
  info.rto_ms = static_cast<std::uint32_t>(connection.retransmit_timeout().count());
  info.since_received_ms = context.tick().since(tcb.last_received);
  if (tcb.cold == kNoIndex) return info;
  const tcp::Cold& cold = (*context.cold)[tcb.cold];
  info.out_of_order = cold.out_of_order.bytes();
  info.sacked = cold.sacked_bytes;
  info.lost = cold.lost_bytes;
  info.in_recovery = cold.in_recovery;
  return info;
}

ConnectionInfo described(tcp::State state, const FlowKey& key, const std::vector<tcp::LocalAddress>& local) {
  ConnectionInfo info;
  if (key.local_address < local.size()) info.local = {local[key.local_address].address, key.local_port};
  info.remote = {key.remote, key.remote_port};
  info.state = state;
  return info;
}

ConnectionInfo describe(const HalfOpen& record, const std::vector<tcp::LocalAddress>& local) {
  ConnectionInfo info = described(tcp::State::kSynReceived, record.key(), local);
  info.passive = true;
  info.mss = record.mss;
  info.retries = record.retries;
  info.sack = record.has_sack;
  info.timestamps = record.has_timestamps;
  info.window_scale = record.has_window_scale;
  info.ecn = record.has_ecn;
  info.snd_scale = record.snd_scale.shift();
  return info;
}

ConnectionInfo describe(const TimeWait& entry, Tick now, const std::vector<tcp::LocalAddress>& local) {
  ConnectionInfo info = described(tcp::State::kTimeWait, entry.key, local);
  info.timestamps = entry.has_timestamps;
  info.ends_in_ms = entry.expires.since(now);
  return info;
}

// Nothing when the connection changed hands while it was copied, or has closed.
std::optional<ConnectionInfo> whole(tcp::Context& context, const tcp::Tcb& tcb) {
  const tcp::Tcb copy = copy_words(tcb);
  const ConnectionInfo info = describe(context, copy);
  const bool is_whole = __atomic_load_n(&tcb.generation, __ATOMIC_ACQUIRE) == copy.generation;
  if (!is_whole || copy.state == tcp::State::kClosed) return std::nullopt;
  return info;
}

// Tables one after another, as places with numbers: a place is a bucket, or a slot.
class Walk {
 public:
  Walk(std::uint64_t place, std::size_t count) : place_(place), count_(count) {}

  // The next table. `look(place)` adds what it finds to `found`.
  template <typename Look>
  void through(bool in_scope, std::uint64_t places, Look&& look) {
    const std::uint64_t end = begin_ + places;
    if (!in_scope && place_ >= begin_) place_ = std::max(place_, end);
    for (; place_ >= begin_ && place_ < end && goes_on(); ++place_, ++looked_) look(place_ - begin_);
    begin_ = end;
  }
  std::uint64_t place() const { return place_ >= begin_ ? Host::kListEnd : place_; }

  std::vector<ConnectionInfo> found;

 private:
  bool goes_on() const { return found.size() < count_ && looked_ < Host::kListLook; }

  std::uint64_t place_;
  std::size_t count_;
  std::uint64_t begin_ = 0;
  std::uint64_t looked_ = 0;
};

}  // namespace

std::optional<ConnectionInfo> Host::info(ConnectionId id) const {
  const std::uint32_t index = impl_->live(id);
  if (index == kNoIndex) return {};
  return describe(impl_->context, impl_->connections[index]);
}

std::vector<ConnectionInfo> Host::list(std::uint64_t& cursor, std::uint32_t count, ListScope scope) const {
  const Impl& impl = *impl_;
  const auto& local = *impl.context.local;
  Walk walk(cursor, count);
  walk.through(scope.open, impl.table.buckets(), [&](std::uint64_t bucket) {
    impl.table.visit_bucket(static_cast<std::uint32_t>(bucket), [&](std::uint32_t index) {
      if (const auto info = whole(impl_->context, impl.connections[index])) walk.found.push_back(*info);
    });
  });
  walk.through(scope.half_open && impl.half_open.size() > 0, impl.half_open.buckets(), [&](std::uint64_t bucket) {
    impl.half_open.visit_bucket(static_cast<std::uint32_t>(bucket),
                                [&](const HalfOpen& record) { walk.found.push_back(describe(record, local)); });
  });
  walk.through(scope.time_wait && impl.time_wait.size() > 0, impl.time_wait.slots(), [&](std::uint64_t slot) {
    const auto entry = impl.time_wait.read(slot);
    const Tick now = impl.context.tick();
    if (entry && entry->expires.after(now)) walk.found.push_back(describe(*entry, now, local));
  });
  cursor = walk.place();
  return std::move(walk.found);
}

}  // namespace weir::stack
