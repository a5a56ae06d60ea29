// What an application may set on a connection, and its timers.
#include "host_impl.h"

namespace weir::stack {

void Host::set_user(ConnectionId id, std::uint32_t user) {
  if (const std::uint32_t index = impl_->live(id); index != kNoIndex) impl_->connections[index].user = user;
}

void Host::set_no_delay(ConnectionId id, bool on) {
  impl_->with(id, false, [&](tcp::Connection connection) { return connection.set_no_delay(on), true; });
}

void Host::set_keep_alive(ConnectionId id, bool on) {
  impl_->with(id, false, [&](tcp::Connection connection) { return connection.set_keep_alive(on), true; });
}

// Settings are read through Tcb::owner at every step: to change them is to name others.
CallError Host::Impl::change_settings(std::uint32_t index, const tcp::Settings& settings) {
  tcp::Tcb& tcb = connections[index];
  if (settings == settings_of(tcb.owner)) return CallError::kNone;
  const ListenerId owner = listeners.share(settings);
  if (owner == kNoListener) return CallError::kNoResources;
  ++listeners[owner].references;
  --listeners[tcb.owner].references;
  tcb.owner = owner;
  return CallError::kNone;
}

CallError Host::set_options(ConnectionId id, const ConnectionOptions& options) {
  const std::uint32_t index = impl_->live(id);
  if (index == kNoIndex) return CallError::kStaleId;
  tcp::Settings settings = impl_->settings_of(impl_->connections[index].owner);
  if (!apply(options, settings)) return CallError::kBadOption;
  if (const CallError error = impl_->change_settings(index, settings); error != CallError::kNone) return error;
  return impl_->with(id, CallError::kStaleId, [&](tcp::Connection connection) {
    if (options.no_delay) connection.set_no_delay(*options.no_delay);
    if (options.keep_alive) connection.set_keep_alive(*options.keep_alive);
    connection.on_settings_changed();
    return CallError::kNone;
  });
}

std::optional<ConnectionOptions> Host::options(ConnectionId id) const {
  const std::uint32_t index = impl_->live(id);
  if (index == kNoIndex) return {};
  const tcp::Tcb& tcb = impl_->connections[index];
  ConnectionOptions options = options_of(impl_->settings_of(tcb.owner));
  options.no_delay = tcb.has(tcp::kNoDelay);
  options.keep_alive = tcb.has(tcp::kKeepAliveOn);
  return options;
}

// --- timers ---

namespace {

// The first tick at which `after` has passed: a timer never fires early.
Tick tick_after(Instant now, Duration after) {
  using std::chrono::milliseconds;
  return Tick::at(std::chrono::ceil<milliseconds>(now + std::clamp(after, Duration::zero(), Host::kTimerMax)));
}

}  // namespace

void Host::set_timer(Duration after) {
  impl_->timers.arm(impl_->links().own(), tick_after(impl_->context.now, after));
}

void Host::cancel_timer() {
  impl_->timers.cancel(impl_->links().own());
  impl_->has_timer_fired = false;
}

CallError Host::set_timer(ConnectionId id, Duration after) {
  if (impl_->live(id) == kNoIndex) return CallError::kStaleId;
  if (!impl_->config.connection_timers) return CallError::kBadState;
  impl_->any_connection_timer = true;
  impl_->timers.arm(impl_->links().of(id.index), tick_after(impl_->context.now, after));
  return CallError::kNone;
}

void Host::cancel_timer(ConnectionId id) {
  if (impl_->live(id) == kNoIndex || !impl_->config.connection_timers) return;
  impl_->timers.cancel(impl_->links().of(id.index));
  impl_->connections[id.index].events &= static_cast<std::uint8_t>(~tcp::kTimer);
}

// `index` is one of the application's: see HostTimerLinks.
void Host::Impl::on_application_timer(std::uint32_t index) {
  if (index == links().own()) {
    has_timer_fired = true;
    return;
  }
  const std::uint32_t connection = links().connection_of(index);
  connections[connection].events |= tcp::kTimer;
  ready.push(connection);
}

// When the application lets go. Looked at only where it was used: most connections touch neither.
void Host::Impl::forget_application_side(std::uint32_t index) {
  if (any_receive_shut) is_receive_shut[index] = false;
  if (config.connection_timers && any_connection_timer) timers.cancel(links().of(index));
}

}  // namespace weir::stack
