// The application's side: OPEN, SEND, RECEIVE, CLOSE, ABORT and events (RFC 9293 §3.10.1 to .5).
#include "host_impl.h"

namespace weir::stack {

std::optional<Event> Host::next_event() {
  auto& impl = *impl_;
  if (std::exchange(impl.has_timer_fired, false)) return Event{.what = tcp::kTimer};
  if (!impl.ready_listeners.empty()) {
    const ListenerId id = impl.ready_listeners.back();
    impl.ready_listeners.pop_back();
    impl.listeners[id].event_pending = false;
    return Event{.connection = {}, .listener = id, .user = impl.listeners[id].user};
  }
  for (std::uint32_t index = impl.ready.pop(); index != kNoIndex; index = impl.ready.pop()) {
    tcp::Tcb& tcb = impl.connections[index];
    if (tcb.events == 0 || tcb.has(tcp::kOrphan) || tcb.has(tcp::kAwaitingAccept)) continue;
    const std::uint8_t what = std::exchange(tcb.events, std::uint8_t{0});
    return Event{.connection = {index, tcb.generation}, .what = what, .reason = tcb.reason, .user = tcb.user};
  }
  return {};
}

// --- OPEN, passive ---

CallError Host::Impl::make_listener(const ListenOptions& options, Listener& listener) const {
  if (options.port == 0 || options.backlog == 0) return CallError::kBadAddress;
  const IpAddress any_v4 = IpAddress::v4(be32{0});
  listener.any_address = options.address == IpAddress{} || options.address == any_v4;
  listener.family = options.address.family();
  listener.address = addresses.find(options.address);
  if (!listener.any_address && listener.address == AddressBook::kNone) return CallError::kNotLocal;
  listener.port = options.port;
  listener.user = options.user;
  listener.limits = options.limits;
  if (listeners.is_taken(listener)) return CallError::kAddressInUse;
  listener.queue = AcceptQueue{options.backlog};
  return CallError::kNone;
}

CallError Host::listen(const ListenOptions& options, ListenerId& id) {
  Listener listener;
  if (const CallError error = impl_->make_listener(options, listener); error != CallError::kNone) return error;
  id = impl_->listeners.add(listener, options.settings.value_or(impl_->config.defaults));
  if (id == kNoListener) return CallError::kNoResources;
  impl_->cookie_answers.forget(id);
  impl_->defences[id].start({options.address, options.port}, impl_->settings_of(id), impl_->half_open.capacity(),
                            impl_->config.flow_secret, impl_->context.now);
  return CallError::kNone;
}

void Host::stop_listening(ListenerId id) {
  if (!impl_->listeners.is_listening(id)) return;
  impl_->listeners.stop(id);
  impl_->defences[id].stop();
  AcceptQueue& queue = impl_->listeners[id].queue;
  while (!queue.is_empty()) impl_->release(queue.pop(), {});
}

bool Host::is_listening(ListenerId id) const {
  return impl_->listeners.is_listening(id);
}

// Connections that died while they waited are passed over.
std::optional<ConnectionId> Host::accept(ListenerId id) {
  if (!impl_->listeners.is_listening(id)) return {};
  AcceptQueue& queue = impl_->listeners[id].queue;
  while (!queue.is_empty()) {
    const std::uint32_t index = queue.pop();
    tcp::Tcb& tcb = impl_->connections[index];
    tcb.clear(tcp::kAwaitingAccept);
    if (tcb.state == tcp::State::kClosed) {
      impl_->release(index, {});
      continue;
    }
    if (tcb.events != 0) impl_->ready.push(index);
    return ConnectionId{index, tcb.generation};
  }
  return {};
}

std::uint16_t Host::add_profile(const tcp::Settings& settings) {
  return impl_->listeners.add_profile(settings);
}

// --- OPEN, active ---

CallError Host::Impl::check_connect(const ConnectOptions& options, FlowKey& key) const {
  const IpAddress& remote = options.remote.address;
  if (options.remote.port == 0 || !remote.is_valid_source()) return CallError::kBadAddress;
  if (addresses.find(remote) != AddressBook::kNone) return CallError::kBadAddress;
  if (!listeners.is_profile(options.profile)) return CallError::kBadOption;
  key.remote = remote;
  key.remote_port = options.remote.port;
  key.local_address = options.local ? addresses.find(*options.local) : addresses.first_of(remote.family());
  if (key.local_address == AddressBook::kNone) return CallError::kNotLocal;
  if (addresses.entries()[key.local_address].address.family() != remote.family()) return CallError::kBadAddress;
  return CallError::kNone;
}

bool Host::Impl::is_port_free(const FlowKey& key) const {
  const std::uint64_t hash = flow_hash(key, config.flow_secret);
  return listeners.find(key.local_address, key.remote.family(), key.local_port) == kNoListener &&
         find_connection(key, hash) == kNoIndex && !time_wait.contains(key, hash);
}

CallError Host::Impl::choose_port(const ConnectOptions& options, FlowKey& key) {
  if (options.local_port) {
    key.local_port = *options.local_port;
    return is_port_free(key) ? CallError::kNone : CallError::kAddressInUse;
  }
  const IpAddress& local = addresses.entries()[key.local_address].address;
  const auto port = ports.allocate(local, options.remote, [&](std::uint16_t candidate) {
    key.local_port = candidate;
    return is_port_free(key);
  });
  if (!port) return counters.add(tcp::Counter::kNoPorts), CallError::kNoPorts;
  key.local_port = *port;
  return CallError::kNone;
}

CallError Host::connect(const ConnectOptions& options, ConnectionId& id) {
  auto& impl = *impl_;
  FlowKey key;
  if (const CallError error = impl.check_connect(options, key); error != CallError::kNone) return error;
  if (const CallError error = impl.choose_port(options, key); error != CallError::kNone) return error;
  const std::uint32_t index = impl.allocate(key, flow_hash(key, impl.config.flow_secret), options.profile);
  if (index == kNoIndex) return CallError::kNoResources;
  tcp::Tcb& tcb = impl.connections[index];
  tcb.user = options.user;
  id = {index, tcb.generation};
  impl.view(index).open_active();
  impl.settle(index, tcp::State::kClosed);
  return CallError::kNone;
}

// --- SEND, RECEIVE ---

std::uint32_t Host::Impl::live(ConnectionId id) const {
  if (id.index >= connections.capacity()) return kNoIndex;
  const tcp::Tcb& tcb = connections[id.index];
  const bool in_use = tcb.state != tcp::State::kClosed || tcb.has(tcp::kDetached);
  const bool theirs = tcb.generation == id.generation && !tcb.has(tcp::kOrphan) && !tcb.has(tcp::kAwaitingAccept);
  return in_use && theirs ? id.index : kNoIndex;
}

std::uint32_t Host::send(ConnectionId id, std::span<const std::uint8_t> bytes) {
  return impl_->with(id, 0U, [&](tcp::Connection connection) { return connection.send(bytes); });
}

Packet Host::send(ConnectionId id, Packet payload) {
  if (impl_->live(id) == kNoIndex) return payload;
  return impl_->with(id, Packet{}, [&](tcp::Connection connection) { return connection.send(std::move(payload)); });
}

std::uint32_t Host::send_last(ConnectionId id, std::span<const std::uint8_t> bytes) {
  return impl_->with(id, 0U, [&](tcp::Connection connection) { return connection.send_last(bytes); });
}

std::uint32_t Host::send_urgent(ConnectionId id, std::span<const std::uint8_t> bytes) {
  return impl_->with(id, 0U, [&](tcp::Connection connection) { return connection.send_urgent(bytes); });
}

void Host::send_raw(Packet ip_packet) {
  impl_->context.out->push(std::move(ip_packet));
}

Packet Host::receive(ConnectionId id) {
  return impl_->read(id, Packet{}, [](tcp::Connection connection) { return connection.receive(); });
}

std::uint32_t Host::receive(ConnectionId id, std::span<std::uint8_t> into) {
  return impl_->read(id, 0U, [&](tcp::Connection connection) { return connection.receive(into); });
}

// Room in the send buffer, and a cold block to hold it.
bool Host::Impl::can_take(ConnectionId id, std::uint32_t length) {
  const std::uint32_t index = live(id);
  if (index == kNoIndex) return false;
  const bool has_block = connections[index].cold != kNoIndex || cold.available() > 0;
  return has_block && view(index).send_room() >= length;
}

std::uint32_t Host::splice(ConnectionId from, ConnectionId to) {
  std::uint32_t moved = 0;
  for (unsigned i = 0; i < kSpliceMax; ++i) {
    const std::uint32_t source = impl_->live(from);
    const std::uint32_t length = source == kNoIndex ? 0 : impl_->view(source).next_piece();
    if (length == 0) break;
    if (!impl_->can_take(to, length)) {
      impl_->with(to, false, [](tcp::Connection connection) { return connection.want_writable(), true; });
      break;
    }
    moved += length;
    static_cast<void>(send(to, receive(from)));  // taken: can_take() said so
  }
  return moved;
}

std::uint32_t Host::send_room(ConnectionId id) const {
  const std::uint32_t index = impl_->live(id);
  return index == kNoIndex ? 0 : impl_->view(index).send_room();
}

std::uint32_t Host::readable(ConnectionId id) const {
  const std::uint32_t index = impl_->live(id);
  return index == kNoIndex ? 0 : impl_->view(index).readable();
}

bool Host::at_end(ConnectionId id) const {
  const std::uint32_t index = impl_->live(id);
  if (index == kNoIndex) return false;
  const tcp::Connection connection = impl_->view(index);
  return connection.at_end() || (impl_->is_receive_shut[index] && connection.readable() == 0);
}

// --- CLOSE, ABORT ---

CallError Host::check_send(ConnectionId id) const {
  const std::uint32_t index = impl_->live(id);
  if (index == kNoIndex) return CallError::kStaleId;
  const tcp::Tcb& tcb = impl_->connections[index];
  if (tcb.state == tcp::State::kClosed) return CallError::kEnded;
  const bool may = tcb.state <= tcp::State::kEstablished || tcb.state == tcp::State::kCloseWait;
  return may && !tcb.has(tcp::kFinQueued) ? CallError::kNone : CallError::kClosing;
}

CallError Host::check_receive(ConnectionId id) const {
  const std::uint32_t index = impl_->live(id);
  if (index == kNoIndex) return CallError::kStaleId;
  if (impl_->view(index).readable() > 0) return CallError::kNone;
  const tcp::Tcb& tcb = impl_->connections[index];
  if (tcb.state == tcp::State::kClosed) return CallError::kEnded;
  return tcb.has(tcp::kFinReceived) || impl_->is_receive_shut[index] ? CallError::kClosing : CallError::kNone;
}

void Host::Impl::shut_receive(std::uint32_t index) {
  is_receive_shut[index] = true;
  any_receive_shut = true;
  connections[index].events |= tcp::kReadable;  // there is an end to be seen
  ready.push(index);
}

CallError Host::shutdown(ConnectionId id, Direction direction) {
  const std::uint32_t index = impl_->live(id);
  if (index == kNoIndex) return CallError::kStaleId;
  if (impl_->connections[index].state == tcp::State::kClosed) return CallError::kEnded;
  if (direction != Direction::kSend) impl_->shut_receive(index);
  if (direction == Direction::kReceive) return CallError::kNone;
  if (const CallError error = check_send(id); error != CallError::kNone) return error;
  return impl_->with(id, CallError::kStaleId, [](tcp::Connection connection) {
    connection.shutdown();
    return CallError::kNone;
  });
}

void Host::Impl::release(std::uint32_t index, std::optional<tcp::milliseconds> linger) {
  tcp::Tcb& tcb = connections[index];
  const tcp::State before = tcb.state;
  if (!tcb.has(tcp::kDetached)) {
    if (linger)
      view(index).close(*linger);
    else
      view(index).abort();
  }
  tcb.set(tcp::kOrphan);
  tcb.clear(tcp::kAwaitingAccept);
  forget_application_side(index);
  settle(index, before);
}

CallError Host::close(ConnectionId id) {
  const std::uint32_t index = impl_->live(id);
  if (index == kNoIndex) return CallError::kStaleId;
  return close(id, impl_->settings_of(impl_->connections[index].owner).linger);
}

CallError Host::close(ConnectionId id, tcp::milliseconds linger) {
  const std::uint32_t index = impl_->live(id);
  if (index == kNoIndex) return CallError::kStaleId;
  impl_->release(index, linger);
  return CallError::kNone;
}

CallError Host::abort(ConnectionId id) {
  const std::uint32_t index = impl_->live(id);
  if (index == kNoIndex) return CallError::kStaleId;
  impl_->release(index, {});
  return CallError::kNone;
}

bool Host::is_alive(ConnectionId id) const {
  return impl_->live(id) != kNoIndex;
}

}  // namespace weir::stack
