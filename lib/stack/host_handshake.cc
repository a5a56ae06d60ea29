// LISTEN, and SYN-RECEIVED of passive opens: a record of 64 bytes until the final ACK, a connection after it.
#include "host_impl.h"

namespace weir::stack {

// RFC 9293 §3.10.7.2.
void Host::Impl::on_listener_segment(ListenerId id, Arrival& arrival, std::optional<SeqNum> iss_above) {
  const Segment& segment = arrival.segment;
  if (segment.has(kRst)) return;
  if (segment.has(kAck)) return is_kept_out(id, arrival) ? void() : on_listener_ack(id, arrival);
  if (!segment.has(kSyn) || segment.has(kFin)) return drop(DropReason::kBadFlags);
  begin_handshake(id, arrival, iss_above);
}

void Host::Impl::begin_handshake(ListenerId id, Arrival& arrival, std::optional<SeqNum> iss_above) {
  if (is_beyond_limits(id, arrival)) return;
  if (listeners[id].queue.is_full()) return drop(DropReason::kAcceptQueueFull);
  SynDefence& defence = defences[id];
  defence.on_syn(arrival.ip.source, context.now);
  HalfOpen record = blank_record(id, arrival.key);
  // A successor of a connection in TIME_WAIT needs an ISN beyond its numbers, which no cookie is (RFC 6191).
  const bool may_be_cookie = !iss_above;
  if (may_be_cookie && defence.would_send_cookies() && send_cookie(record, arrival)) return;
  tcp::begin_handshake(context, arrival.segment, iss_above, record);
  record.retries_max = defence.syn_ack_retries();
  const std::uint32_t index = keep_record(record, arrival.hash);
  if (index != kNoIndex) return tcp::send_syn_ack(context, half_open[index]);
  defence.on_no_record(context.now);
  if (!may_be_cookie || !defence.sends_cookies()) return drop(DropReason::kHalfOpenFull);
  send_cookie(record, arrival);
}

HalfOpen Host::Impl::blank_record(ListenerId id, const FlowKey& key) const {
  HalfOpen record;
  record.remote = key.remote;
  record.remote_port = key.remote_port;
  record.local_port = key.local_port;
  record.local_address = key.local_address;
  record.listener = id;
  return record;
}

// kNoIndex when all are in use.
std::uint32_t Host::Impl::keep_record(const HalfOpen& record, std::uint64_t hash) {
  const std::uint32_t index = half_open.insert(record, hash);
  if (index == kNoIndex) return kNoIndex;
  ++listeners[record.listener].references;
  defences[record.listener].on_record(context.now);
  half_open[index].sent_at = context.tick();
  half_open.arm(index, context.tick() + tcp::syn_ack_timeout_ms(context, half_open[index]));
  return index;
}

void Host::Impl::on_half_open_segment(std::uint32_t record, Arrival& arrival) {
  if (!listeners.is_listening(half_open[record].listener)) {
    tcp::send_reset_for(context, arrival.ip, arrival.segment);
    return forget_half_open(record, arrival.hash);
  }
  switch (tcp::on_segment_when_half_open(context, half_open[record], arrival.segment)) {
    case tcp::HandshakeStep::kNothing:
      return;
    case tcp::HandshakeStep::kRemove:
      return forget_half_open(record, arrival.hash);
    case tcp::HandshakeStep::kComplete:
      return complete_handshake(record, arrival);
  }
}

// When the accept queue is full, or a limit is reached, the final ACK is dropped: the record stays, its SYN-ACK is sent
// again, and the peer answers that when there may be room.
void Host::Impl::complete_handshake(std::uint32_t record, Arrival& arrival) {
  const HalfOpen half = half_open[record];
  if (is_beyond_limits(half.listener, arrival)) {
    if (admission->resets(listeners[half.listener].limits)) forget_half_open(record, arrival.hash);
    return;
  }
  const std::uint32_t index = room_for(half, arrival);
  if (index == kNoIndex) return;
  forget_half_open(record, arrival.hash);
  open_passive(index, half, arrival);
}

std::uint32_t Host::Impl::room_for(const HalfOpen& half, const Arrival& arrival) {
  if (listeners[half.listener].queue.is_full()) return drop(DropReason::kAcceptQueueFull), kNoIndex;
  return allocate(arrival.key, arrival.hash, half.listener);
}

void Host::Impl::open_passive(std::uint32_t index, const HalfOpen& half, Arrival& arrival) {
  defences[half.listener].on_completed();
  tcp::Tcb& tcb = connections[index];
  tcb.user = listeners[half.listener].user;
  tcb.set(tcp::kAwaitingAccept);
  view(index).open_passive(half);
  count_state(tcp::State::kClosed, tcb.state);
  count_opened(half.listener, index);
  Listener& listener = listeners[half.listener];
  listener.queue.push(index);
  if (!listener.event_pending) {
    listener.event_pending = true;
    ready_listeners.push_back(half.listener);
  }
  deliver(index, arrival);
}

void Host::Impl::on_half_open_timer(std::uint32_t record) {
  HalfOpen& half = half_open[record];
  const bool listening = listeners.is_listening(half.listener);
  if (!listening || half.retries >= half.retries_max) {
    counters.add(tcp::Counter::kHalfOpenTimeouts);
    return forget_half_open(record);
  }
  ++half.retries;
  counters.add(tcp::Counter::kSynAckRetransmits);
  tcp::send_syn_ack(context, half);
  half_open.arm(record, context.tick() + tcp::syn_ack_timeout_ms(context, half));
}

void Host::Impl::forget_half_open(std::uint32_t record) {
  forget_half_open(record, flow_hash(half_open[record].key(), config.flow_secret));
}

void Host::Impl::forget_half_open(std::uint32_t record, std::uint64_t hash) {
  defences[half_open[record].listener].on_record_gone();
  --listeners[half_open[record].listener].references;
  half_open.erase(record, hash);
}

}  // namespace weir::stack
