// What goes out and when: the queue of the application's bytes, windows, Nagle, and silly-window avoidance.
#pragma once

#include "send_queue.h"

namespace weir::tcp {

class Sender {
 public:
  explicit Sender(Step& step) : step_(step) {}

  std::uint32_t room() const;
  std::uint32_t buffer_room() const;  // whatever of it is unsent
  std::uint32_t unsent_max() const;
  std::uint32_t buffer() const;  // most that is held unsent or unacknowledged
  Packet take(Packet payload);
  std::uint32_t copy(std::span<const std::uint8_t> bytes);

  // Sends what may go: first what was lost, then what is new. `is_forced`: the override timeout of RFC 9293
  // §3.8.6.2.1 ran out, or the peer's window just opened: Nagle and silly-window avoidance do not hold back.
  void output(bool is_forced = false);
  // Sends the first lost segment again whatever the congestion window says; else a FIN that is in flight.
  bool resend_first();
  // One segment of new text within the peer's window, whatever the congestion window says: a tail loss probe.
  bool send_probe();
  // One byte, or the FIN, beyond the peer's window (RFC 9293 §3.8.6.1).
  bool send_beyond_window();

  bool lacks_packets() const;
  void refuse();         // remembers to raise kWritable
  void tell_writable();  // raises it when a third of what there may be is free

 private:
  bool has_work() const;  // something was lost, or was never sent
  bool resend_next(bool is_forced);
  bool resend(Cold& cold, rte_mbuf* first);
  bool send_next(bool is_forced);
  bool send_text(Cold& cold, const Plan& plan, bool is_full, bool is_last);
  bool send_fin();
  bool is_worth_sending(const Plan& plan, std::uint32_t full, bool is_last) const;
  bool is_nagle_holding() const;
  bool cuts_too_many(const Cold& cold, const Plan& plan) const;
  bool fits_congestion_window(std::uint32_t length) const;
  void note_sent(std::uint32_t length);
  std::uint32_t fill_tail(Cold& cold, std::span<const std::uint8_t> bytes);

  Step& step_;
};

}  // namespace weir::tcp
