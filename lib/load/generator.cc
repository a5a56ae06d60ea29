#include <weir/load/generator.h>

#include <algorithm>
#include <stdexcept>

namespace weir::load {
namespace {

// The peer's FIN is answered by ours at once, and requests are handed over whole.
tcp::Settings settings_of(const GeneratorConfig& config) {
  tcp::Settings settings = config.tcp;
  settings.close_with_peer = true;
  settings.nagle = false;
  if (config.transfer != Transfer::kUpload) settings.notsent_lowat = 0;  // a request is taken whole
  return settings;
}

}  // namespace

Generator::Generator(GeneratorBoard& board, unsigned worker, std::uint64_t seed)
    : board_(board),
      config_(board.config()),
      worker_(worker),
      share_(share_of(config_.open_max, board.workers())),
      visits_(share_, "visits"),
      extras_(std::min(share_, kCutLinesMax), "cut lines"),
      awaiting_(visits_, VisitListName::kAwaiting),
      resting_(visits_, VisitListName::kResting),
      places_(config_.mode == GeneratorMode::kFlood ? std::span<const Endpoint>{} : config_.targets, config_.sources,
              worker),
      flood_(config_, seed) {}

Generator::~Generator() = default;

std::uint64_t Generator::memory(std::uint32_t open_max) {
  return std::uint64_t{open_max} * IndexPool<Visit>::bytes_each() +
         std::uint64_t{std::min(open_max, kCutLinesMax)} * HttpResponseReader::Extras::bytes_each();
}

void Generator::start(stack::Host& host) {
  host_ = &host;
  now_ = host.now();
  profile_ = host.add_profile(settings_of(config_));
  if (profile_ == stack::kNoListener) throw std::runtime_error("no profile is left for the generator's connections");
}

void Generator::poll(stack::Host& host) {
  now_ = host.now();
  follow_orders();
  more_ = take_events();
  expire();
  more_ |= draining_ ? end_kept_ones() : start_due();
  tell_gauges();
}

void Generator::follow_orders() {
  if (!board_.has_news(orders_known_)) return;
  const GeneratorBoard::Orders orders = board_.orders();
  orders_known_ = orders.version;
  begin_ = orders.begin;
  if (orders.rate > 0)
    schedule_.change(orders.begin, orders.rate, orders.ramp_up);
  else
    schedule_.stop();
  if (config_.flood_rate > 0)
    flood_schedule_.change(orders.begin, config_.flood_rate / board_.workers(), orders.ramp_up);
}

bool Generator::take_events() {
  for (unsigned i = 0; i < kEventsMax; ++i) {
    const auto event = host_->next_event();
    if (!event) return false;
    if (event->connection) on_event(*event);
  }
  return true;
}

void Generator::expire() {
  for (unsigned i = 0; i < kExpiriesMax && !awaiting_.is_empty(); ++i) {
    const std::uint32_t index = awaiting_.first();
    if (visits_[index].due.after(tick())) break;
    fail(index, Failure::kTimeout);
  }
  if (!asks_after_rest() || draining_) return;
  for (unsigned i = 0; i < kExpiriesMax && !resting_.is_empty() && may_ask_again(); ++i) {
    const std::uint32_t index = resting_.first();
    if (visits_[index].due.after(tick())) break;
    resting_.remove(index);
    ask(index, instant_of(visits_[index].due, now_));
  }
}

// Those that ask or open are closed when that is done. True while there is more to do at once.
bool Generator::end_kept_ones() {
  for (unsigned i = 0; i < kEndedMax && !resting_.is_empty(); ++i) begin_close(resting_.first());
  for (unsigned i = 0; i < kEndedMax && is_stream() && !awaiting_.is_empty(); ++i) release(awaiting_.first());
  return !resting_.is_empty();
}

void Generator::tell_gauges() {
  const std::uint64_t behind = draining_ ? 0 : schedule_.due(now_);
  counts().behind.add(behind - counts().behind.value());
}

std::optional<Instant> Generator::next_deadline() const {
  if (more_) return now_;
  std::optional<Instant> deadline;
  const auto not_beyond = [&](Instant instant) { deadline = deadline ? std::min(*deadline, instant) : instant; };
  if (!awaiting_.is_empty()) not_beyond(instant_of(visits_[awaiting_.first()].due, now_));
  if (!resting_.is_empty() && asks_after_rest() && may_ask_again())
    not_beyond(instant_of(visits_[resting_.first()].due, now_));
  if (draining_ || !begin_) return deadline;
  if (schedule_.is_running() && may_start()) not_beyond(std::max(schedule_.next(), is_short() ? short_until_ : now_));
  if (flood_schedule_.is_running()) not_beyond(std::max(flood_schedule_.next(), now_));
  if (now_ < *begin_) not_beyond(*begin_);
  if (is_short()) not_beyond(short_until_);
  return deadline;
}

void Generator::drain(stack::Host&) {
  draining_ = true;
}

void Generator::stop(stack::Host&) {
  draining_ = true;
  while (!awaiting_.is_empty()) release(awaiting_.first());
  while (!resting_.is_empty()) release(resting_.first());
}

}  // namespace weir::load
