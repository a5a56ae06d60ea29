// One end of a simulated connection: an application that writes, reads and ends as its plan says, and checks every
// byte it reads. Moved on by events and by its own timer only, so that a missing event shows as a standstill.
#pragma once

#include "observer.h"
#include "plan.h"
#include "stream.h"
#include "support/simulation.h"

namespace weir::testing {

class Talker {
 public:
  Talker(SimHost& at, Observer& observer, stack::ConnectionId id, const EndPlan& plan, std::uint64_t out_key,
         std::uint64_t in_key)
      : at_(at), observer_(observer), id_(id), plan_(plan), out_(out_key), in_(in_key) {}

  void begin(bool is_open);
  void on_event(std::uint8_t what);
  void on_timer() { drive(); }
  void let_go();  // resets what is left of it

  stack::ConnectionId id() const { return id_; }
  const EndPlan& plan() const { return plan_; }
  bool is_over() const { return over_; }
  bool was_open() const { return opened_; }
  bool is_intact() const { return intact_; }
  bool saw_end() const { return saw_end_; }
  bool was_let_go() const { return was_let_go_; }  // nobody was left to talk to
  bool was_rude() const { return rude_; }          // ended before its time: the peer may be reset
  std::uint64_t sent() const { return sent_; }
  std::uint64_t received() const { return received_; }
  tcp::CloseReason reason() const { return reason_; }
  Instant over_at() const { return over_at_; }  // by its host's clock
  // When it wants on_timer(), by its host's clock.
  std::optional<Instant> wake_at() const { return over_ ? std::nullopt : wake_; }

 private:
  void drive();
  void write();
  void write_some();
  void read();
  void echo();
  void check(std::span<const std::uint8_t> bytes);
  void end_if_due();
  bool ends_early();
  bool is_all_sent() const;
  void close_finished();
  void wake_by(Instant when) {
    if (!wake_ || when < *wake_) wake_ = when;
  }
  stack::Host& host() { return at_.host(); }

  SimHost& at_;
  Observer& observer_;
  stack::ConnectionId id_;
  EndPlan plan_;
  Stream out_, in_;
  std::uint64_t sent_ = 0, received_ = 0;
  Instant opened_at_{}, over_at_{}, next_write_{}, next_read_{};
  std::optional<Instant> wake_{};
  bool opened_ = false, closed_ = false, shut_ = false, over_ = false, rude_ = false, was_let_go_ = false;
  bool saw_end_ = false, intact_ = true;
  tcp::CloseReason reason_ = tcp::CloseReason::kNone;
};

}  // namespace weir::testing
