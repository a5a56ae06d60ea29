#include <weir/balance/health_checker.h>

#include <algorithm>

#include <weir/balance/event_tag.h>

namespace weir::balance {

using stack::CallError;
using tcp::CloseReason;

HealthChecker::HealthChecker(Board& board, stack::Host& host, std::uint64_t seed)
    : board_(board), host_(host), random_(seed), wheel_(Links{&checks_}, now()) {
  sources_.reserve(board.config().services.size());
  for (std::size_t service = 0; service < board.config().services.size(); ++service) add_service(service);
  for (std::uint32_t index = 0; index < checks_.size(); ++index) {
    const auto spread = static_cast<std::uint32_t>(checks_[index].config->interval.count() / 10);
    wheel_.arm(index, now() + random_.below(spread + 1));
  }
}

void HealthChecker::add_service(std::size_t service) {
  const ServiceConfig& config = board_.config().services[service];
  sources_.emplace_back(config.sources);
  if (!config.health.enabled) return;
  for (std::size_t i = 0; i < config.backends.size(); ++i) {
    checks_.push_back({.backend = &config.backends[i],
                       .config = &config.health,
                       .shared = &board_.backends(service)[i],
                       .sources = &sources_.back(),
                       .connection = {},
                       .timer = {}});
  }
}

bool HealthChecker::advance() {
  return wheel_.advance(now(), kExpiriesMax, [this](std::uint32_t index) { on_expired(index); }) == kExpiriesMax;
}

std::optional<Tick> HealthChecker::next_deadline() const {
  if (wheel_.armed() == 0) return {};
  return wheel_.next_expiry(now());
}

void HealthChecker::on_expired(std::uint32_t index) {
  if (checks_[index].connection) {
    finish(index, CheckResult::kTimeout);
  } else {
    begin(index);
  }
}

void HealthChecker::begin(std::uint32_t index) {
  Check& check = checks_[index];
  check.begun = now();
  if (connect(check, EventTag{TagKind::kCheck, index}.encode()) != CallError::kNone) {
    check.connection = {};
    return finish(index, CheckResult::kFailed);
  }
  wheel_.arm(index, now() + static_cast<std::uint32_t>(check.config->timeout.count()));
}

CallError HealthChecker::connect(Check& check, std::uint32_t user) {
  const Endpoint& remote = check.backend->address;
  const std::size_t tries = check.sources->tries(remote.address.family());
  CallError error = CallError::kNoPorts;
  for (std::size_t i = 0; i < tries && error == CallError::kNoPorts; ++i) {
    stack::ConnectOptions options;
    options.remote = remote;
    options.local = check.sources->next(remote.address.family());
    options.user = user;
    error = host_.connect(options, check.connection);
  }
  return error;
}

void HealthChecker::on_event(const stack::Event& event) {
  const EventTag tag = EventTag::decode(event.user);
  if (tag.index >= checks_.size() || checks_[tag.index].connection != event.connection) return;
  if ((event.what & tcp::kOpened) != 0) return finish(tag.index, CheckResult::kPassed);
  if ((event.what & tcp::kClosed) == 0) return;
  const auto info = host_.info(event.connection);
  const bool refused = info && (info->reason == CloseReason::kRefused || info->reason == CloseReason::kUnreachable);
  finish(tag.index, refused ? CheckResult::kRefused : CheckResult::kTimeout);
}

// A reset ends the connection: it leaves no TIME-WAIT here and no work there.
void HealthChecker::finish(std::uint32_t index, CheckResult result) {
  Check& check = checks_[index];
  host_.abort(std::exchange(check.connection, {}));
  record(check, result);
  const Tick next = check.begun + jittered(check.config->interval);
  wheel_.arm(index, next.before(now()) ? now() : next);
}

void HealthChecker::record(Check& check, CheckResult result) {
  const bool first = check.shared->last_check.exchange(result, std::memory_order_relaxed) == CheckResult::kNone;
  if (result == CheckResult::kPassed) return record_pass(check);
  check.shared->checks_failed.add();
  check.passes = 0;
  if (result == CheckResult::kFailed) return;  // our fault, not the back end's
  // Nothing is known of a back end before its first check: one failure is enough then.
  check.shared->connect_failed(first ? std::uint8_t{1} : check.config->fall, host_.now());
  check.seen_healthy = check.shared->is_healthy();
}

void HealthChecker::record_pass(Check& check) {
  check.shared->checks_passed.add();
  check.shared->connect_succeeded();
  const bool healthy = check.shared->is_healthy();
  // Clients' failures may have taken it down since: passes before that do not count.
  if (std::exchange(check.seen_healthy, healthy)) check.passes = 0;
  if (healthy || ++check.passes < check.config->rise) return;
  check.shared->set_healthy(true, host_.now());
  check.seen_healthy = true;
}

std::uint32_t HealthChecker::jittered(milliseconds interval) {
  const auto whole = static_cast<std::uint32_t>(interval.count());
  const std::uint32_t jitter = whole * kJitterPercent / 100;
  return whole - jitter + random_.below(2 * jitter + 1);
}

void HealthChecker::stop() {
  for (std::uint32_t index = 0; index < checks_.size(); ++index) {
    host_.abort(std::exchange(checks_[index].connection, {}));
    wheel_.cancel(index);
  }
}

}  // namespace weir::balance
