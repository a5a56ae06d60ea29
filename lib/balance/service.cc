#include <weir/balance/service.h>

#include <stdexcept>

#include <weir/balance/event_tag.h>

namespace weir::balance {

using stack::CallError;

tcp::Settings settings_of(const ServiceConfig& service, const tcp::Settings& base) {
  tcp::Settings settings = service.tcp.value_or(base);
  settings.send_buffer = settings.receive_buffer = service.buffer_bytes / 2;
  settings.nagle = false;  // what comes from one side was sent already: do not wait a second time
  return settings;
}

Service::Service(Board& board, std::uint16_t index, unsigned worker, const tcp::Settings& base, stack::Host& host)
    : config_(board.config().services[index]),
      index_(index),
      scheduler_(make_scheduler(board, index, worker)),
      sources_(config_.sources),
      shared_(board.backends(index)),
      backend_counts_(board.counts(worker, index)),
      counts_(board.service_counts(worker, index)) {
  const tcp::Settings settings = settings_of(config_, base);
  profile_ = host.add_profile(settings);
  for (const Endpoint& endpoint : config_.listen) listen(host, endpoint, settings);
}

void Service::listen(stack::Host& host, const Endpoint& endpoint, const tcp::Settings& settings) {
  stack::ListenerId listener = stack::kNoListener;
  const CallError error = host.listen({.address = endpoint.address,
                                       .port = endpoint.port,
                                       .backlog = config_.backlog,
                                       .settings = settings,
                                       .user = EventTag{TagKind::kListener, index_}.encode(),
                                       .limits = index_},
                                      listener);
  if (error != CallError::kNone) {
    throw std::runtime_error("service " + config_.name + ": cannot listen on " + endpoint.to_string() + ": " +
                             to_string(error) + "; the address must be one of a port's, and free");
  }
  listeners_.push_back(listener);
}

unsigned Service::usable_beside(std::span<const std::uint16_t> tried) const {
  const Request request{.client = {}, .tried = tried};
  unsigned usable = 0;
  for (std::size_t i = 0; i < shared_.size(); ++i) usable += shared_[i].is_usable() && !request.was_tried(i);
  return usable;
}

CallError Service::connect(stack::Host& host, std::uint16_t backend, std::uint32_t user, stack::ConnectionId& id) {
  const Endpoint& remote = config_.backends[backend].address;
  const std::size_t tries = sources_.tries(remote.address.family());
  CallError error = CallError::kNoPorts;
  for (std::size_t i = 0; i < tries && error == CallError::kNoPorts; ++i) {
    stack::ConnectOptions options;
    options.remote = remote;
    options.local = sources_.next(remote.address.family());
    options.user = user;
    options.profile = profile_;
    error = host.connect(options, id);
  }
  return error;
}

void Service::connect_failed(std::uint16_t backend, Instant now) {
  shared_[backend].connect_failed(config_.health.enabled ? config_.health.fall : std::uint8_t{0}, now);
}

}  // namespace weir::balance
