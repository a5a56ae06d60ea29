#include <weir/balance/proxy.h>

#include <algorithm>

namespace weir::balance {

Proxy::Proxy(Board& board, unsigned worker, const tcp::Settings& base, std::uint64_t seed)
    : board_(board), worker_(worker), base_(base), seed_(seed) {}

Proxy::~Proxy() = default;

std::uint64_t Proxy::memory(std::uint32_t sessions) {
  return std::uint64_t{sessions} * IndexPool<Session>::bytes_each();
}

void Proxy::start(stack::Host& host) {
  now_ = host.now();
  const std::size_t count = board_.config().services.size();
  services_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Service& service = services_.emplace_back(board_, static_cast<std::uint16_t>(i), worker_, base_, host);
    for (const stack::ListenerId listener : service.listeners()) {
      if (listener >= service_by_listener_.size()) service_by_listener_.resize(listener + 1u);
      service_by_listener_[listener] = service.index();
    }
  }
  sessions_ = std::make_unique<Sessions>(board_.config().sessions, host, services_);
  if (worker_ == 0) health_ = std::make_unique<HealthChecker>(board_, host, seed_);
}

void Proxy::poll(stack::Host& host) {
  now_ = host.now();
  more_ = take_events(host);
  more_ |= sessions_->advance();
  if (health_) more_ |= health_->advance();
}

bool Proxy::take_events(stack::Host& host) {
  for (unsigned i = 0; i < kEventsMax; ++i) {
    const auto event = host.next_event();
    if (!event) return false;
    take_event(host, *event);
  }
  return true;
}

void Proxy::take_event(stack::Host& host, const stack::Event& event) {
  if (!event.connection) return accept_all(host, event.listener);
  switch (EventTag::decode(event.user).kind) {
    case TagKind::kSession:
      return sessions_->on_event(event);
    case TagKind::kCheck:
      return health_ ? health_->on_event(event) : void();
    case TagKind::kListener:
      return;  // not accepted yet
  }
}

// Bounded by the listener's backlog.
void Proxy::accept_all(stack::Host& host, stack::ListenerId listener) {
  if (draining_ || listener >= service_by_listener_.size()) return;
  Service& service = services_[service_by_listener_[listener]];
  while (const auto client = host.accept(listener)) sessions_->begin(service, *client);
}

std::optional<Instant> Proxy::next_deadline() const {
  if (more_) return now_;
  const auto tick = next_tick();
  if (!tick) return {};
  return instant_of(*tick, now_);
}

std::optional<Tick> Proxy::next_tick() const {
  if (!sessions_) return {};
  const auto session = sessions_->next_deadline();
  const auto check = health_ ? health_->next_deadline() : std::nullopt;
  if (!session || !check) return session ? session : check;
  return session->before(*check) ? session : check;
}

void Proxy::drain(stack::Host& host) {
  now_ = host.now();
  board_.set_draining();
  stop_listening(host);
}

void Proxy::stop_listening(stack::Host& host) {
  for (const Service& service : services_) {
    for (const stack::ListenerId listener : service.listeners()) {
      accept_all(host, listener);
      if (!draining_) host.stop_listening(listener);
    }
  }
  draining_ = true;
  if (health_) health_->stop();
}

bool Proxy::is_drained() const {
  return draining_ && open_sessions() == 0;
}

void Proxy::stop(stack::Host& host) {
  drain(host);
  sessions_->reset_all();
}

}  // namespace weir::balance
