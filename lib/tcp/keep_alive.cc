#include "keep_alive.h"

#include "ending.h"
#include "output.h"

namespace weir::tcp {

namespace {

constexpr std::uint8_t kProbesMax = 127;  // Tcb::probes has seven bits

}  // namespace

std::optional<Tick> keep_alive_deadline(const Step& step) {
  const Tcb& tcb = step.tcb;
  const bool is_open =
      tcb.state == State::kEstablished || tcb.state == State::kCloseWait || tcb.state == State::kFinWait2;
  if (!tcb.has(kKeepAliveOn) || !is_open || !is_all_acknowledged(tcb) || is_pending(step)) return {};
  const auto idle = static_cast<std::uint32_t>(step.settings.keepalive_idle.count());
  const auto interval = static_cast<std::uint32_t>(step.settings.keepalive_interval.count());
  return tcb.last_received + idle + tcb.probes * interval;
}

void on_keep_alive_timer(Step& step) {
  Tcb& tcb = step.tcb;
  if (tcb.probes >= std::min(step.settings.keepalive_probes, kProbesMax))
    return abort_connection(step, CloseReason::kKeepAlive);  // MUST-29
  // The next interval begins now: a host that was not scheduled, or whose clock was set, must not use up all probes
  // before the peer can answer one.
  tcb.last_received = tcb.last_received + step.now().since(*keep_alive_deadline(step));
  ++tcb.probes;
  step.count(Counter::kKeepAliveProbes);
  emit_control(step, tcb.snd_nxt - 1, kAck);  // SHLD-12: no garbage octet
}

}  // namespace weir::tcp
