#include <weir/load/server.h>

#include <algorithm>
#include <stdexcept>

namespace weir::load {
namespace {

constexpr std::uint32_t kNotAccepted = 0xffff'ffff;  // tag of connections that are still queued

constexpr std::uint32_t kNotSentBytes = 16384;  // an answer is made up as it can leave

tcp::Settings settings_of(const ServerConfig& config, const tcp::Settings& base) {
  tcp::Settings settings = config.tcp.value_or(base);
  settings.send_buffer = settings.receive_buffer = config.buffer_bytes;
  if (settings.notsent_lowat == 0) settings.notsent_lowat = kNotSentBytes;
  settings.nagle = false;  // answers are written whole
  return settings;
}

std::uint32_t requests_of(const ServeConfig& config) {
  const bool is_any_http =
      std::ranges::any_of(config.servers, [](const ServerConfig& one) { return one.kind == ServerKind::kHttp; });
  if (!is_any_http) return 1;  // a region cannot be empty
  return config.requests == 0 ? config.sessions : std::min(config.requests, config.sessions);
}

}  // namespace

Server::Server(Board& board, unsigned worker, const tcp::Settings& base)
    : board_(board),
      worker_(worker),
      base_(base),
      pool_(board.config().sessions, "served connections"),
      requests_(requests_of(board.config()), "served requests"),
      live_(pool_.capacity(), false) {
  to_resume_.reserve(pool_.capacity());
  resuming_.reserve(pool_.capacity());
}

Server::~Server() = default;

std::uint64_t Server::memory(const ServeConfig& config) {
  return std::uint64_t{config.sessions} * (IndexPool<Session>::bytes_each() + 2 * sizeof(std::uint32_t)) +
         std::uint64_t{requests_of(config)} * IndexPool<HttpState>::bytes_each();
}

void Server::start(stack::Host& host) {
  host_ = &host;
  now_ = host.now();
  wheel_ = std::make_unique<TimerWheel<Links>>(Links{&pool_}, now());
  for (std::size_t server = 0; server < board_.config().servers.size(); ++server) {
    for (const Endpoint& endpoint : board_.config().servers[server].listen) {
      listen(endpoint, static_cast<std::uint16_t>(server));
    }
  }
}

void Server::listen(const Endpoint& endpoint, std::uint16_t server) {
  const ServerConfig& config = board_.config().servers[server];
  stack::ListenerId listener = stack::kNoListener;
  const stack::CallError error = host_->listen({.address = endpoint.address,
                                                .port = endpoint.port,
                                                .backlog = config.backlog,
                                                .settings = settings_of(config, base_),
                                                .user = kNotAccepted,
                                                .limits = server},
                                               listener);
  if (error != stack::CallError::kNone) {
    throw std::runtime_error("server " + config.name + ": cannot listen on " + endpoint.to_string() + ": " +
                             to_string(error) + "; the address must be one of a port's, and free");
  }
  listeners_.push_back(listener);
  if (listener >= server_by_listener_.size()) server_by_listener_.resize(listener + 1u);
  server_by_listener_[listener] = server;
}

void Server::poll(stack::Host& host) {
  now_ = host.now();
  more_ = take_events();
  more_ |= advance();
}

bool Server::take_events() {
  for (unsigned i = 0; i < kEventsMax; ++i) {
    const auto event = host_->next_event();
    if (!event) return false;
    if (event->connection) {
      on_event(*event);
    } else {
      accept_all(event->listener);
    }
  }
  return true;
}

// Bounded by the listener's backlog.
void Server::accept_all(stack::ListenerId listener) {
  if (draining_ || listener >= server_by_listener_.size()) return;
  while (const auto client = host_->accept(listener)) begin(server_by_listener_[listener], *client);
}

bool Server::advance() {
  const auto expired = wheel_->advance(now(), kExpiriesMax, [this](std::uint32_t index) { on_expired(index); });
  resume();
  return expired == kExpiriesMax || !to_resume_.empty();
}

std::optional<Instant> Server::next_deadline() const {
  if (more_) return now_;
  if (!wheel_ || wheel_->armed() == 0) return {};
  return instant_of(wheel_->next_expiry(now()), now_);
}

void Server::drain(stack::Host& host) {
  if (draining_) return;
  for (const stack::ListenerId listener : listeners_) {
    accept_all(listener);
    host.stop_listening(listener);
  }
  draining_ = true;
  for (std::uint32_t index = 0; index < pool_.capacity(); ++index) {
    if (live_[index]) serve(index);
  }
}

bool Server::is_drained() const {
  return draining_ && open_sessions() == 0;
}

void Server::stop(stack::Host& host) {
  drain(host);
  for (std::uint32_t index = 0; index < pool_.capacity(); ++index) {
    if (live_[index]) end(index, true);
  }
}

}  // namespace weir::load
