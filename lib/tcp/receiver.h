// What comes in: text in order and out of order, the peer's FIN, and when to acknowledge it.
#pragma once

#include "step.h"

namespace weir::tcp {

// A delayed ACK's time has come.
bool is_acknowledgment_due(const Tcb& tcb, Tick now);

class Receiver {
 public:
  explicit Receiver(Step& step) : step_(step) {}

  // Seventh and eighth of RFC 9293 §3.10.7.4. The segment is acceptable; what lies outside the window is cut off here.
  void accept_text(const Segment& segment, Packet payload);
  void accept_fin(const Segment& segment);

  Packet read();
  std::uint32_t read(std::span<std::uint8_t> into);

 private:
  bool trim_to_window(Packet& payload, SeqNum& seq);
  void accept_in_order(Cold& cold, Packet payload);
  void accept_out_of_order(Cold& cold, Packet payload);
  void acknowledge(std::uint32_t length);
  void acknowledge_soon();
  void delay_acknowledgment(std::uint32_t delay_ms);
  void take_fin();
  void take_waiting_fin();

  Step& step_;
};

}  // namespace weir::tcp
