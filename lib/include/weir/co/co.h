// Coroutines on a host: what to include for co::Loop and co::Connection without co::Program. All is inline, so that the
// library itself has no coroutines in it.
#pragma once

#include <algorithm>

#include <weir/co/connection.h>

namespace weir::co {

// Waits for a connection to accept; those that wait are linked in the loop.
struct AcceptAwaiter : Waiter {
  AcceptAwaiter(Loop& loop_in, stack::ListenerId listener_in) : loop(loop_in), listener(listener_in) {
    is_ready = &try_again;
  }
  AcceptAwaiter(const AcceptAwaiter&) = delete;
  AcceptAwaiter& operator=(const AcceptAwaiter&) = delete;
  ~AcceptAwaiter() {
    if (handle) unlink();
  }

  static bool try_again(Waiter& waiter) {
    auto& self = static_cast<AcceptAwaiter&>(waiter);
    stack::Host& host = self.loop.host_;
    while (const auto id = host.accept(self.listener)) {
      if (const std::uint32_t slot = self.loop.hold(*id); slot != kNoIndex)
        return self.accepted = Connection{self.loop, slot}, true;
    }
    return !host.is_listening(self.listener);
  }
  bool await_ready() { return try_again(*this); }
  void await_suspend(std::coroutine_handle<> waiting) {
    handle = waiting;
    next = std::exchange(loop.acceptors_, this);
  }
  Connection await_resume() { return std::move(accepted); }

  void unlink() {
    Waiter** link = &loop.acceptors_;
    while (*link != this) link = &(*link)->next;
    *link = next;
  }

  Loop& loop;
  stack::ListenerId listener;
  Connection accepted{};
};

struct ConnectAwaiter : ConnectionAwaiter {
  ConnectAwaiter(Loop& loop_in, const stack::ConnectOptions& options) : ConnectionAwaiter(&loop_in, kNoIndex, false) {
    is_ready = &try_again;
    stack::ConnectionId id;
    error = loop_in.slots_.available() == 0 ? stack::CallError::kNoResources : loop_in.host_.connect(options, id);
    if (error == stack::CallError::kNone) connection = Connection{loop_in, slot = loop_in.hold(id)};
  }
  ~ConnectAwaiter() { forget(); }  // before `connection` goes, which would wake this
  static bool try_again(Waiter& waiter) {
    auto& self = static_cast<ConnectAwaiter&>(waiter);
    if (self.error != stack::CallError::kNone) return true;
    const auto info = self.host().info(self.id());
    return !info || info->state == tcp::State::kClosed || info->state >= tcp::State::kEstablished;
  }
  Connection await_resume() {
    if (error != stack::CallError::kNone) return {error, tcp::CloseReason::kNone};
    const tcp::CloseReason reason = connection.reason();
    if (reason != tcp::CloseReason::kNone) return {error, reason};
    return std::move(connection);
  }
  stack::CallError error;
  Connection connection{};
};

struct SleepAwaiter : Waiter {
  SleepAwaiter(Loop& loop_in, Duration duration_in) : loop(loop_in), duration(duration_in) {}
  SleepAwaiter(const SleepAwaiter&) = delete;
  SleepAwaiter& operator=(const SleepAwaiter&) = delete;
  ~SleepAwaiter() {
    if (sleeper == kNoIndex) return;
    loop.wheel_.cancel(sleeper);
    loop.sleepers_.free(sleeper);
  }

  bool await_ready() {
    sleeper = loop.sleepers_.allocate();
    return sleeper == kNoIndex;
  }
  void await_suspend(std::coroutine_handle<> waiting) {
    handle = waiting;
    loop.sleepers_[sleeper].waiter = this;
    const Instant now = loop.host_.now();
    loop.wheel_.advance(Tick::at(now), 1, [](std::uint32_t) {});  // an empty wheel may have been left far behind
    const Duration length = std::clamp(duration, Duration::zero(), stack::Host::kTimerMax);
    loop.wheel_.arm(sleeper, Tick::at(std::chrono::ceil<std::chrono::milliseconds>(now + length)));
    loop.arm_host_timer();
  }
  bool await_resume() const { return sleeper != kNoIndex; }

  Loop& loop;
  Duration duration;
  std::uint32_t sleeper = kNoIndex;
};

inline auto Loop::accept(stack::ListenerId listener) {
  return AcceptAwaiter{*this, listener};
}
inline auto Loop::connect(const stack::ConnectOptions& options) {
  return ConnectAwaiter{*this, options};
}
inline auto Loop::sleep(Duration duration) {
  return SleepAwaiter{*this, duration};
}

inline Loop::Loop(stack::Host& host, const LoopConfig& config)
    : host_(host),
      frames_(config.frames, config.frame_bytes),
      slots_(config.connections, "coroutine connections"),
      sleepers_(config.sleepers, "coroutine sleepers"),
      wheel_(SleeperLinks{&sleepers_}, Tick::at(host.now())) {
  listeners_.reserve(kListenersMax);
}

inline Loop::~Loop() {
  is_ending_ = true;
  while (roots_ != nullptr) on_root_end(this, *roots_);
}

inline bool Loop::start(Task<> task) {
  const auto handle = task.release();
  if (!handle) return false;
  PromiseBase& promise = handle.promise();
  promise.self = handle;
  promise.owner = this;
  promise.on_end = &on_root_end;
  promise.next = roots_;
  if (roots_ != nullptr) roots_->previous = &promise;
  roots_ = &promise;
  handle.resume();
  return true;
}

inline void Loop::on_root_end(void* loop, PromiseBase& ended) {
  (ended.previous == nullptr ? static_cast<Loop*>(loop)->roots_ : ended.previous->next) = ended.next;
  if (ended.next != nullptr) ended.next->previous = ended.previous;
  ended.self.destroy();
}

inline void Loop::poll() {
  while (const auto event = host_.next_event()) on_event(*event);
}

inline void Loop::on_event(const stack::Event& event) {
  if (event.listener != stack::kNoListener) return wake_acceptors(event.listener);
  if (!event.connection) return wake_sleepers();
  if (event.user >= slots_.capacity() || slots_[event.user].id != event.connection) return;
  wake(slots_[event.user].reader);
  if (slots_[event.user].id == event.connection) wake(slots_[event.user].writer);
}

inline stack::CallError Loop::listen(const stack::ListenOptions& options, stack::ListenerId& listener) {
  if (listeners_.size() == kListenersMax) return stack::CallError::kNoResources;
  const stack::CallError error = host_.listen(options, listener);
  if (error == stack::CallError::kNone) listeners_.push_back(listener);
  return error;
}

inline void Loop::drain() {
  while (!listeners_.empty()) stop_listening(listeners_.back());
}

inline void Loop::stop_listening(stack::ListenerId listener) {
  std::erase(listeners_, listener);
  host_.stop_listening(listener);
  wake_acceptors(listener);
}

inline std::uint32_t Loop::hold(stack::ConnectionId id) {
  const std::uint32_t slot = slots_.allocate();
  if (slot == kNoIndex) {
    ++refused_;
    host_.abort(id);
    return slot;
  }
  slots_[slot].id = id;
  host_.set_user(id, slot);
  return slot;
}

inline void Loop::let_go(std::uint32_t slot, bool abort) {
  Slot& held = slots_[slot];
  abort || is_ending_ ? host_.abort(held.id) : host_.close(held.id);
  held.id = {};
  wake(held.reader);  // the id is stale: whatever he waits for has ended
  wake(held.writer);
  slots_.free(slot);
}

inline void Loop::wake(Waiter*& place) {
  if (place == nullptr || is_ending_ || !place->is_ready(*place)) return;
  resume(std::exchange(place, nullptr));
}

inline void Loop::resume(Waiter* waiter) {
  std::exchange(waiter->handle, {}).resume();
}

// One who is resumed usually waits again at once, and finds the next connection himself.
inline void Loop::wake_acceptors(stack::ListenerId listener) {
  for (Waiter* waiter = acceptors_; waiter != nullptr; waiter = waiter->next) {
    auto& acceptor = static_cast<AcceptAwaiter&>(*waiter);
    if (acceptor.listener != listener || !acceptor.is_ready(acceptor)) continue;
    acceptor.unlink();
    resume(&acceptor);
    return wake_acceptors(listener);  // the list may be another now
  }
}

inline void Loop::wake_sleepers() {
  constexpr std::uint32_t kBudget = 256;
  wheel_.advance(Tick::at(host_.now()), kBudget, [this](std::uint32_t sleeper) { resume(sleepers_[sleeper].waiter); });
  arm_host_timer();
}

inline void Loop::arm_host_timer() {
  if (wheel_.armed() == 0) return;
  const Tick next = wheel_.next_expiry(Tick::at(host_.now()));
  host_.set_timer(instant_of(next, host_.now()) - host_.now());
}

}  // namespace weir::co
