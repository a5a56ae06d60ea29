#include "syn_defence.h"

#include <algorithm>
#include <array>
#include <utility>

namespace weir::stack {

namespace {

// What raised a state must fall below half of its threshold before the state is left.
constexpr std::uint64_t kHysteresis = 2;

std::uint32_t per_second(std::uint64_t count, Duration elapsed) {
  const auto ns = static_cast<std::uint64_t>(std::max<Duration::rep>(1, elapsed.count()));
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(count * 1'000'000'000 / ns, 0xffff'ffff));
}

}  // namespace

const char* to_string(DefenceState state) {
  static constexpr std::array<const char*, 3> kNames = {"quiet", "cautious", "attacked"};
  return kNames[static_cast<unsigned>(state)];
}

const char* to_string(DefenceReason reason) {
  static constexpr std::array<const char*, 6> kNames = {"calm",           "configured", "half-open",
                                                        "half-open full", "SYN rate",   "failed handshakes"};
  return kNames[static_cast<unsigned>(reason)];
}

void SynDefence::start(const Endpoint& listen, const tcp::Settings& settings, std::uint32_t records,
                       const SipKey& secret, Instant now) {
  if (!sources_) sources_ = std::make_unique<SourceSketch>(secret);
  sources_->clear();
  use_ = settings.syn_cookies;
  settings_ = settings;
  records_ = records;
  listen_ = listen;
  calm_since_ = window_began_ = now;
  expects_until_ = {};
  syns_before_ = 0;
  window_ = began_ = marks();
  const bool is_always = use_ == tcp::SynCookieUse::kAlways;
  set(is_always ? DefenceState::kAttacked : DefenceState::kQuiet,
      is_always ? DefenceReason::kConfigured : DefenceReason::kCalm, now);
  is_active_.store(true, std::memory_order_release);
}

SynDefence::Marks SynDefence::marks() const {
  return {syns_.value(), completed_.value(), sent_.value(), accepted_.value(), wrong_.value(), spent_.value()};
}

void SynDefence::on_syn(const IpAddress& source, Instant now) {
  syns_.add();
  review(now);
  if (state_ != DefenceState::kQuiet) sources_->add(source);
}

void SynDefence::on_record(Instant now) {
  half_open_.add();
  if (half_open_.value() < threshold(DefenceState::kCautious)) return;
  const bool is_attacked = half_open_.value() >= threshold(DefenceState::kAttacked);
  rise_to(is_attacked ? DefenceState::kAttacked : DefenceState::kCautious, DefenceReason::kHalfOpen, now);
}

void SynDefence::on_no_record(Instant now) {
  rise_to(DefenceState::kAttacked, DefenceReason::kHalfOpenFull, now);
}

void SynDefence::on_cookie_sent(Instant now, Duration lives) {
  sent_.add();
  expects_until_ = now + lives;
}

void SynDefence::review(Instant now) {
  if (now - window_began_ < kWindow) return;
  if (state_ != DefenceState::kQuiet) sources_->review();
  judge(take_window(now), now);
}

SynDefence::Rates SynDefence::take_window(Instant now) {
  const Duration elapsed = now - window_began_;
  const Marks ends = marks();
  const Marks begins = std::exchange(window_, ends);
  const std::uint64_t syns = ends.syns - begins.syns;
  const std::uint64_t completed = ends.completed - begins.completed;
  const std::uint64_t refused = ends.wrong - begins.wrong + (ends.spent - begins.spent);
  // Clients take a round trip to answer: a window's ACKs are of its SYNs or of those before, whichever are fewer.
  const std::uint64_t answerable = std::min(syns, std::exchange(syns_before_, syns));
  const std::uint64_t failed = answerable - std::min(answerable, completed);
  syn_rate_.store(per_second(syns, elapsed), std::memory_order_relaxed);
  sent_rate_.store(per_second(ends.sent - begins.sent, elapsed), std::memory_order_relaxed);
  accepted_rate_.store(per_second(ends.accepted - begins.accepted, elapsed), std::memory_order_relaxed);
  refused_rate_.store(per_second(refused, elapsed), std::memory_order_relaxed);
  window_began_ = now;
  return {.syns = per_second(syns, elapsed),
          .failed = per_second(failed, elapsed),
          .failed_percent = answerable == 0 ? 0 : static_cast<unsigned>(failed * 100 / answerable)};
}

void SynDefence::judge(const Rates& rates, Instant now) {
  DefenceReason reason = DefenceReason::kCalm;
  const DefenceState level = wanted(rates, reason);
  if (level > state_) return rise_to(level, reason, now);
  if (state_ == DefenceState::kQuiet || use_ == tcp::SynCookieUse::kAlways) return;
  if (is_held(rates)) {
    calm_since_ = now;
  } else if (now - calm_since_ >= settings_.syn_calm) {
    set(static_cast<DefenceState>(static_cast<unsigned>(state_) - 1), DefenceReason::kCalm, now);
    calm_since_ = now;
  }
}

DefenceState SynDefence::wanted(const Rates& rates, DefenceReason& reason) const {
  reason = DefenceReason::kHalfOpen;
  if (half_open_.value() >= threshold(DefenceState::kAttacked)) return DefenceState::kAttacked;
  const bool is_fast = rates.syns >= settings_.syn_rate;
  if (is_fast && rates.failed_percent >= settings_.syn_failed_percent) {
    reason = DefenceReason::kFailedHandshakes;
    return DefenceState::kAttacked;
  }
  if (half_open_.value() >= threshold(DefenceState::kCautious)) return DefenceState::kCautious;
  reason = is_fast ? DefenceReason::kSynRate : DefenceReason::kCalm;
  return is_fast ? DefenceState::kCautious : DefenceState::kQuiet;
}

// Would the state come back at once if it were left? Records fill up with what fails while one of them lives.
bool SynDefence::is_held(const Rates& rates) const {
  const auto lower = static_cast<DefenceState>(static_cast<unsigned>(state_) - 1);
  const std::uint64_t would_be_half_open = rates.failed * record_life_ms(lower) / 1000;
  if (std::max(half_open_.value(), would_be_half_open) * kHysteresis >= threshold(state_)) return true;
  if (rates.syns * kHysteresis < settings_.syn_rate) return false;
  return state_ == DefenceState::kCautious || rates.failed_percent * kHysteresis >= settings_.syn_failed_percent;
}

void SynDefence::rise_to(DefenceState state, DefenceReason reason, Instant now) {
  if (use_ == tcp::SynCookieUse::kOff) return;
  calm_since_ = now;
  if (state > state_) set(state, reason, now);
}

void SynDefence::set(DefenceState state, DefenceReason reason, Instant now) {
  state_ = state;
  if (state == DefenceState::kQuiet) sources_->clear();
  told_.store(static_cast<std::uint16_t>(static_cast<unsigned>(state) << 8 | static_cast<unsigned>(reason)),
              std::memory_order_relaxed);
  since_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
}

std::uint64_t SynDefence::threshold(DefenceState state) const {
  const unsigned percent =
      state == DefenceState::kAttacked ? settings_.syn_attacked_percent : settings_.syn_cautious_percent;
  return std::max<std::uint64_t>(1, std::uint64_t{records_} * percent / 100);
}

// RFC 6298 back-off: with n repetitions 2^(n+1) - 1 times the first timeout.
std::uint64_t SynDefence::record_life_ms(DefenceState state) const {
  const unsigned retries =
      state == DefenceState::kQuiet ? settings_.syn_ack_retries : std::min(settings_.syn_ack_retries, kCautiousRetries);
  return static_cast<std::uint64_t>(settings_.rto_initial.count()) * ((2ULL << retries) - 1);
}

std::uint8_t SynDefence::syn_ack_retries() const {
  const bool is_pressed = state_ != DefenceState::kQuiet && use_ != tcp::SynCookieUse::kDryRun;
  return is_pressed ? std::min(settings_.syn_ack_retries, kCautiousRetries) : settings_.syn_ack_retries;
}

DefenceCounts SynDefence::counts() const {
  const Marks now = marks();
  return {.syns = now.syns - began_.syns,
          .cookies_sent = now.sent - began_.sent,
          .cookies_accepted = now.accepted - began_.accepted,
          .cookies_wrong = now.wrong - began_.wrong,
          .cookies_spent = now.spent - began_.spent};
}

DefenceStatus SynDefence::status() const {
  const std::uint16_t told = told_.load(std::memory_order_relaxed);
  return {.listen = listen_,
          .use = use_,
          .state = static_cast<DefenceState>(told >> 8),
          .reason = static_cast<DefenceReason>(told & 0xff),
          .since = Instant{Duration{since_.load(std::memory_order_relaxed)}},
          .half_open = static_cast<std::uint32_t>(half_open_.value()),
          .syns = syn_rate_.load(std::memory_order_relaxed),
          .cookies_sent = sent_rate_.load(std::memory_order_relaxed),
          .cookies_accepted = accepted_rate_.load(std::memory_order_relaxed),
          .cookies_refused = refused_rate_.load(std::memory_order_relaxed),
          .counts = counts(),
          .top_sources = sources_->top()};
}

}  // namespace weir::stack
