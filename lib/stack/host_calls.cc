// The application's side: OPEN, SEND, RECEIVE, CLOSE, ABORT and events (RFC 9293 §3.10.1 to .5).
#include "host_impl.h"

namespace weir::stack {

std::optional<Event> Host::next_event() {
  auto& impl = *impl_;
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
    return Event{.connection = {index, tcb.generation}, .what = what, .user = tcb.user};
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
  if (listeners.is_taken(listener)) return CallError::kAddressInUse;
  listener.queue = AcceptQueue{options.backlog};
  return CallError::kNone;
}

CallError Host::listen(const ListenOptions& options, ListenerId& id) {
  Listener listener;
  if (const CallError error = impl_->make_listener(options, listener); error != CallError::kNone) return error;
  id = impl_->listeners.add(listener, options.settings.value_or(impl_->config.defaults));
  return id == kNoListener ? CallError::kNoResources : CallError::kNone;
}

void Host::stop_listening(ListenerId id) {
  if (!impl_->listeners.is_listening(id)) return;
  impl_->listeners.stop(id);
  AcceptQueue& queue = impl_->listeners[id].queue;
  while (!queue.is_empty()) impl_->release(queue.pop(), true);
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
      impl_->release(index, true);
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
  if (!port) return CallError::kNoPorts;
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

Packet Host::receive(ConnectionId id) {
  return impl_->with(id, Packet{}, [](tcp::Connection connection) { return connection.receive(); });
}

std::uint32_t Host::receive(ConnectionId id, std::span<std::uint8_t> into) {
  return impl_->with(id, 0U, [&](tcp::Connection connection) { return connection.receive(into); });
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
  return index != kNoIndex && impl_->view(index).at_end();
}

// --- CLOSE, ABORT ---

CallError Host::shutdown(ConnectionId id) {
  return impl_->with(id, CallError::kStaleId, [](tcp::Connection connection) {
    connection.shutdown();
    return CallError::kNone;
  });
}

void Host::Impl::release(std::uint32_t index, bool abort) {
  tcp::Tcb& tcb = connections[index];
  const tcp::State before = tcb.state;
  if (!tcb.has(tcp::kDetached)) {
    if (abort)
      view(index).abort();
    else
      view(index).close();
  }
  tcb.set(tcp::kOrphan);
  tcb.clear(tcp::kAwaitingAccept);
  settle(index, before);
}

CallError Host::close(ConnectionId id) {
  const std::uint32_t index = impl_->live(id);
  if (index == kNoIndex) return CallError::kStaleId;
  impl_->release(index, false);
  return CallError::kNone;
}

CallError Host::abort(ConnectionId id) {
  const std::uint32_t index = impl_->live(id);
  if (index == kNoIndex) return CallError::kStaleId;
  impl_->release(index, true);
  return CallError::kNone;
}

// --- per connection ---

void Host::set_user(ConnectionId id, std::uint32_t user) {
  if (const std::uint32_t index = impl_->live(id); index != kNoIndex) impl_->connections[index].user = user;
}

void Host::set_no_delay(ConnectionId id, bool on) {
  impl_->with(id, false, [&](tcp::Connection connection) { return connection.set_no_delay(on), true; });
}

void Host::set_keep_alive(ConnectionId id, bool on) {
  impl_->with(id, false, [&](tcp::Connection connection) { return connection.set_keep_alive(on), true; });
}

bool Host::is_alive(ConnectionId id) const {
  return impl_->live(id) != kNoIndex;
}

const char* to_string(CallError error) {
  switch (error) {
    case CallError::kNone:
      return "no error";
    case CallError::kStaleId:
      return "the connection was already released";
    case CallError::kAddressInUse:
      return "address and port are in use";
    case CallError::kNotLocal:
      return "the address is not one of this host's";
    case CallError::kBadAddress:
      return "no connection can go to such an address";
    case CallError::kNoPorts:
      return "no free source port towards this peer";
    case CallError::kNoResources:
      return "out of connections";
    case CallError::kBadState:
      return "not possible in this state";
  }
  return "unknown";
}

}  // namespace weir::stack
