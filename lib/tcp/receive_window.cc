#include "receive_window.h"

#include "receive_buffer.h"

namespace weir::tcp {

namespace {

// Silly window avoidance: a smaller step of the right edge is not shown (MUST-39).
std::uint32_t step_min(const Step& step) {
  return std::max(1U, std::min<std::uint32_t>(step.tcb.mss, receive_buffer(step) / 2));
}

}  // namespace

UnscaledWindow first_window(const Settings& settings) {
  const std::uint32_t fixed = settings.appearance.fixed_window;
  const std::uint32_t buffer = initial_receive_buffer(settings);
  return WindowSize{fixed != 0 ? std::min(fixed, buffer) : buffer} >> WindowScale{};
}

std::uint32_t receive_space(const Step& step) {
  const Cold* cold = step.cold();
  const std::uint32_t buffer = receive_buffer(step);
  if (cold == nullptr) return buffer;
  const std::uint32_t held = cold->receive.bytes() + cold->out_of_order.bytes();
  return buffer > held ? buffer - held : 0;
}

UnscaledWindow announce_window(Step& step) {
  Tcb& tcb = step.tcb;
  const WindowScale scale{tcb.rcv_scale};
  std::uint32_t window = receive_window(tcb);
  const std::uint32_t space = receive_space(step);
  const std::uint32_t fixed = step.settings.appearance.fixed_window;
  if (fixed != 0 && space >= fixed) {
    window = fixed;
  } else if (space > window && space - window >= step_min(step)) {
    window = space;
  }
  const UnscaledWindow field = WindowSize{window} >> scale;
  tcb.rcv_adv = SeqNum::latest(tcb.rcv_adv, tcb.rcv_nxt + (field << scale).bytes());
  return field;
}

bool is_update_due(const Step& step) {
  const Tcb& tcb = step.tcb;
  if (!is_synchronized(tcb.state) || tcb.state == State::kTimeWait || tcb.has(kFinReceived)) return false;
  // Read or not, the window stays as it is, as long as the buffer has room for it.
  const std::uint32_t fixed = step.settings.appearance.fixed_window;
  if (fixed != 0 && receive_space(step) >= fixed) return false;
  const std::uint32_t left = receive_window(tcb);
  const std::uint32_t space = std::min(receive_space(step), 0xffffU << tcb.rcv_scale);
  const std::uint32_t gain = space > left ? space - left : 0;
  if (gain < step_min(step)) return false;
  // While the peer has plenty left, the next ACK tells it soon enough: the one that waits already, if there is one. So
  // the first request, which finds the window of a SYN, is answered by the answer alone.
  const std::uint32_t buffer = receive_buffer(step);
  return left <= buffer / 8 || (gain >= buffer / 4 && !tcb.has(kAckDelayed));
}

}  // namespace weir::tcp
