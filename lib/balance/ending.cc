// How sessions end: in good order, by a reset, by a timeout.
#include <weir/balance/sessions.h>

namespace weir::balance {

void Sessions::on_closed(std::uint32_t index, Side side) {
  Session& session = pool_[index];
  const auto info = host_.info(session.end(side).id);
  if (!info || info->reason != tcp::CloseReason::kNormal) {
    count_failure(session, side);
    return reset(index);
  }
  session.end(side).gone = true;
  pump(index, side);  // what it sent last may still wait here
  if (session.is_over()) end(index);
}

void Sessions::count_failure(Session& session, Side side) {
  if (side == Side::kClient) {
    service_of(session).counts().client_resets.add();
  } else {
    service_of(session).counts_of(session.backend()).reset.add();
  }
}

void Sessions::on_expired(std::uint32_t index) {
  if (pool_[index].phase == Phase::kOpen) return on_quiet(index);
  on_try_failed(index, tcp::CloseReason::kTimeout);
}

// Armed lazily: what moved since is looked at now.
void Sessions::on_quiet(std::uint32_t index) {
  Session& session = pool_[index];
  if (now().since(session.last_moved) >= quiet_limit(session)) {
    if (!is_draining(session)) {
      ServiceCounts& counts = service_of(session).counts();
      (session.is_half_closed() ? counts.close_timeouts : counts.idle_timeouts).add();
      return reset(index);
    }
    session.last_moved = now();
  }
  arm_quiet(index);
}

// A slow peer that still acknowledges is not a quiet one. Seen at most once per limit, so a peer that stalls with
// bytes outstanding is given up after twice the limit at the latest.
bool Sessions::is_draining(Session& session) {
  std::uint32_t outstanding = 0;
  for (const SessionEnd& side : session.ends) {
    if (const auto info = host_.info(side.id)) outstanding += info->unsent + info->unacknowledged;
  }
  return outstanding != 0 && std::exchange(session.outstanding, outstanding) != outstanding;
}

void Sessions::arm_quiet(std::uint32_t index) {
  const Session& session = pool_[index];
  const Tick at = session.last_moved + quiet_limit(session);
  if (!session.timer.is_armed() || at.before(session.timer.expires)) wheel_.arm(index, at);
}

std::uint32_t Sessions::quiet_limit(const Session& session) const {
  const TimeoutConfig& timeouts = services_[session.service].config().timeouts;
  return static_cast<std::uint32_t>((session.is_half_closed() ? timeouts.close : timeouts.idle).count());
}

void Sessions::end(std::uint32_t index) {
  for (SessionEnd& side : pool_[index].ends) host_.close(side.id);
  release(index);
}

void Sessions::reset(std::uint32_t index) {
  for (SessionEnd& side : pool_[index].ends) host_.abort(side.id);
  release(index);
}

void Sessions::release(std::uint32_t index) {
  Session& session = pool_[index];
  Service& service = service_of(session);
  service.counts().open.subtract();
  if (session.end(Side::kBackend).id) service.shared(session.backend()).closed();
  wheel_.cancel(index);
  live_[index] = false;
  pool_.free(index);
}

}  // namespace weir::balance
