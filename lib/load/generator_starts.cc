// What begins, and when.
#include <weir/load/generator.h>

namespace weir::load {

// True when more could be begun at once.
bool Generator::start_due() {
  if (!begin_ || now_ < *begin_) return false;
  const bool more = start_visits();
  return (flood_schedule_.is_running() && flood(flood_schedule_)) || more;
}

bool Generator::start_visits() {
  switch (config_.mode) {
    case GeneratorMode::kConnections:
      return start_connections();
    case GeneratorMode::kConcurrent:
      return visits_.in_use() < share_ ? start_connections() : (forget_due(), false);
    case GeneratorMode::kRequests:
    case GeneratorMode::kThroughput: {
      const bool more = keep_enough_open();
      return start_requests() || more;
    }
    case GeneratorMode::kFlood:
      return flood(schedule_);
  }
  return false;
}

bool Generator::flood(Schedule& schedule) {
  const unsigned syns = flood_.send(*host_, schedule, now_);
  counts().syns.add(syns);
  return syns == SynFlood::kBurst;
}

// When the next is to start; nothing when none is due. Without a rate: now.
std::optional<Instant> Generator::take_scheduled() {
  if (!schedule_.is_running()) return now_;
  if (schedule_.next() > now_) return {};
  const Instant intended = schedule_.next();
  schedule_.take();
  return intended;
}

// While all are open none is due: one that is lost later is replaced at the rate, not at once.
void Generator::forget_due() {
  if (const std::uint64_t due = schedule_.due(now_); due > 0) schedule_.take(due);
}

bool Generator::start_connections() {
  for (unsigned i = 0; i < kStartsMax; ++i) {
    if (visits_.available() == 0) {
      if (schedule_.is_running() && schedule_.next() <= now_) counts().full.add();
      return false;
    }
    if (is_short() && !schedule_.is_running()) return false;
    const auto intended = take_scheduled();
    if (!intended) return false;
    open(*intended);
  }
  return true;
}

bool Generator::keep_enough_open() {
  for (unsigned i = 0; i < kStartsMax; ++i) {
    if (visits_.available() == 0 || opening_ >= kOpeningMax || is_short()) return false;
    if (!open(now_)) return false;
  }
  return true;
}

// On kept connections that rest, those first that rest longest.
bool Generator::start_requests() {
  for (unsigned i = 0; i < kStartsMax; ++i) {
    if (resting_.is_empty()) return false;
    const auto intended = take_scheduled();
    if (!intended) return false;
    const std::uint32_t index = resting_.first();
    resting_.remove(index);
    ask(index, *intended);
  }
  return true;
}

bool Generator::open(Instant intended) {
  counts().started.add();
  if (is_short()) return counts().failed[static_cast<std::size_t>(shortage_)].add(), false;
  const std::uint32_t index = visits_.allocate();
  visits_[index].intended = intended;
  stack::CallError error = stack::CallError::kNone;
  for (unsigned tried = 0; tried < kPlacesTried; ++tried) {
    error = connect(index);
    if (error != stack::CallError::kNoPorts) break;
  }
  if (error != stack::CallError::kNone) return on_refused_start(index, error), false;
  counts().open.add();
  ++opening_;
  await(index);
  // In SYN-SENT: it leaves with the handshake's last ACK.
  if (asks_while_opening()) send_request(index);
  return true;
}

stack::CallError Generator::connect(std::uint32_t index) {
  const Places::Place place = places_.next();
  return host_->connect({.remote = place.target, .local = place.source, .user = index, .profile = profile_},
                        visits_[index].id);
}

// Searching on at once would only cost time: what is due meanwhile fails alike.
void Generator::on_refused_start(std::uint32_t index, stack::CallError error) {
  visits_[index].id = {};
  visits_.free(index);
  shortage_ = error == stack::CallError::kNoPorts ? Failure::kNoPort : Failure::kNoResources;
  counts().failed[static_cast<std::size_t>(shortage_)].add();
  short_until_ = now_ + kShortageRest;
}

}  // namespace weir::load
