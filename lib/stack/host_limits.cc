// Who may begin a connection: what an operator's limits say, before a SYN makes a record or a cookie, and again when
// the handshake is complete.
#include "host_impl.h"

namespace weir::stack {

bool Host::Impl::is_limited(ListenerId id) {
  return admission != nullptr && admission->is_limited(listeners[id].limits);
}

// Of any segment to a listener.
bool Host::Impl::is_kept_out(ListenerId id, const Arrival& arrival) {
  if (!is_limited(id) || admission->lets_in(listeners[id].limits, arrival.ip.source)) return false;
  refuse(id, DropReason::kSourceDenied, arrival);
  return true;
}

bool Host::Impl::is_beyond_limits(ListenerId id, const Arrival& arrival) {
  if (!is_limited(id)) return false;
  const auto reason = admission->refusal(listeners[id].limits, arrival.ip.source, context.now);
  if (reason) refuse(id, *reason, arrival);
  return reason.has_value();
}

void Host::Impl::refuse(ListenerId id, DropReason reason, const Arrival& arrival) {
  drop(reason);
  admission->count_refusal(listeners[id].limits, reason);
  if (admission->resets(listeners[id].limits)) tcp::send_reset_for(context, arrival.ip, arrival.segment);
}

void Host::Impl::count_opened(ListenerId id, std::uint32_t index) {
  if (is_limited(id)) admission->open(listeners[id].limits, connections[index].remote, index, context.now);
}

void Host::Impl::count_closed(std::uint32_t index) {
  if (admission != nullptr && !admission->is_idle()) admission->close(index);
}

void Host::change_limits(std::span<const Limits> limits) {
  if (impl_->admission) impl_->admission->change(limits);
}

std::vector<LimitStatus> Host::limits() const {
  return impl_->admission ? impl_->admission->status() : std::vector<LimitStatus>{};
}

}  // namespace weir::stack
