// Quiet, cautious or attacked: the judgment over one listener, from what its worker tells. It changes nothing itself.
// One thread writes; status() may be asked by any.
#pragma once

#include <atomic>
#include <memory>

#include <weir/base/count.h>
#include <weir/flow/source_sketch.h>
#include <weir/stack/defence.h>
#include <weir/stack/drop_reason.h>

namespace weir::stack {

class SynDefence {
 public:
  static constexpr Duration kWindow = 250ms;  // of counting; at its end, and only then, rates are judged
  static constexpr std::uint8_t kCautiousRetries = 1;

  // `records`: how many half-open records the worker has, for all listeners. `secret`: so that nobody can choose
  // sources that hide others. Takes memory the first time.
  void start(const Endpoint& listen, const tcp::Settings& settings, std::uint32_t records, const SipKey& secret,
             Instant now);
  void stop() { is_active_.store(false, std::memory_order_release); }
  bool is_active() const { return is_active_.load(std::memory_order_acquire); }

  // --- what happens ---
  void on_syn(const IpAddress& source, Instant now);  // of a new handshake, before it is decided how to answer
  void on_syn_shed() { syns_.add(); }                 // of one that was not even looked at
  void on_record(Instant now);                        // a half-open record was made
  void on_record_gone() { half_open_.subtract(); }
  void on_no_record(Instant now);  // none was left
  void on_completed() { completed_.add(); }
  void on_cookie_sent(Instant now, Duration lives);
  void on_cookie_accepted() { accepted_.add(); }
  void on_cookie_refused(DropReason reason) { (reason == DropReason::kSynCookieSpent ? spent_ : wrong_).add(); }
  void review(Instant now);  // at least once in a while, also when nothing comes

  // --- what follows ---
  bool sends_cookies() const { return state_ == DefenceState::kAttacked && use_ != tcp::SynCookieUse::kDryRun; }
  bool would_send_cookies() const { return state_ == DefenceState::kAttacked; }
  bool expects_cookies(Instant now) const { return now < expects_until_; }
  std::uint8_t syn_ack_retries() const;  // of a record that is made now

  DefenceStatus status() const;

 private:
  // What a window counted, per second.
  struct Rates {
    std::uint64_t syns = 0;
    std::uint64_t failed = 0;
    unsigned failed_percent = 0;  // of the SYNs that had time to be answered
  };

  DefenceCounts counts() const;
  Rates take_window(Instant now);
  void judge(const Rates& rates, Instant now);
  DefenceState wanted(const Rates& rates, DefenceReason& reason) const;
  bool is_held(const Rates& rates) const;
  void rise_to(DefenceState state, DefenceReason reason, Instant now);
  void set(DefenceState state, DefenceReason reason, Instant now);
  std::uint64_t threshold(DefenceState state) const;
  std::uint64_t record_life_ms(DefenceState state) const;

  // As configured.
  tcp::SynCookieUse use_ = tcp::SynCookieUse::kOff;
  tcp::Settings settings_;
  std::uint32_t records_ = 0;

  DefenceState state_ = DefenceState::kQuiet;
  Instant calm_since_{};
  Instant expects_until_{};
  Instant window_began_{};
  Count syns_, completed_, sent_, accepted_, wrong_, spent_, half_open_;
  struct Marks {
    std::uint64_t syns = 0, completed = 0, sent = 0, accepted = 0, wrong = 0, spent = 0;
  };
  Marks marks() const;
  Marks window_;                           // as they were at the beginning of this window,
  Marks began_;                            // ... and when the listener began
  std::uint64_t syns_before_ = 0;          // of the window before
  std::unique_ptr<SourceSketch> sources_;  // of SYNs, while not quiet

  // For status().
  std::atomic<bool> is_active_{false};
  Endpoint listen_;
  std::atomic<std::uint16_t> told_{0};  // state and reason, which belong together
  std::atomic<std::int64_t> since_{0};
  std::atomic<std::uint32_t> syn_rate_{0}, sent_rate_{0}, accepted_rate_{0}, refused_rate_{0};
};

}  // namespace weir::stack
