// Coroutines on one host: who waits for what, and who is resumed by an event. One per stack::Application, on its
// worker's thread. Include weir/co/co.h, which has the bodies. Bounded: connections, frames and sleepers are
// LoopConfig's; nothing is allocated afterwards.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <weir/base/check.h>
#include <weir/base/index_pool.h>
#include <weir/base/instant.h>
#include <weir/base/timer_wheel.h>
#include <weir/co/task.h>
#include <weir/stack/host.h>

namespace weir::co {

class Connection;

struct LoopConfig {
  std::uint32_t connections = 1024;  // held by coroutines at a time; more are reset as they are accepted
  std::uint32_t frames = 2048;       // coroutines at a time
  std::uint32_t frame_bytes = 1024;  // of the largest: Frames::largest() tells
  std::uint32_t sleepers = 1024;
};

// What a suspended coroutine waits for. `is_ready` tries again: true when the coroutine can go on.
struct Waiter {
  std::coroutine_handle<> handle{};
  bool (*is_ready)(Waiter&){nullptr};
  Waiter* next = nullptr;
};

class Loop {
 public:
  static constexpr unsigned kListenersMax = 64;

  explicit Loop(stack::Host& host, const LoopConfig& config = {});
  // Coroutines that have not ended are destroyed where they wait, and their connections reset.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs the coroutine until it first waits; from then on it is the loop's. False when there was no frame for it.
  bool start(Task<> task);
  // Takes the host's events and resumes who waited for them.
  void poll();
  // One event, for applications that take some of them themselves: the user tag of this loop's connections is its own.
  void on_event(const stack::Event& event);

  // As Host::listen(); at most kListenersMax. The loop remembers them for drain().
  stack::CallError listen(const stack::ListenOptions& options, stack::ListenerId& listener);
  // `co_await loop.accept(listener)`: the next Connection; an empty one when the listener has been stopped.
  auto accept(stack::ListenerId listener);
  // `co_await loop.connect(options)`: an open Connection, or an empty one that says why by error() and reason().
  // options.user is the loop's own.
  auto connect(const stack::ConnectOptions& options);
  // `co_await loop.sleep(duration)`: true; false, at once, when all sleepers are taken.
  auto sleep(Duration duration);
  // No more connections: whoever waits for one is resumed with an empty Connection.
  void stop_listening(stack::ListenerId listener);
  void drain();  // stops all listeners; open connections live on

  bool is_idle() const { return roots_ == nullptr; }  // nothing runs that start() was given
  stack::Host& host() { return host_; }
  Frames& frames() { return frames_; }
  std::uint64_t refused() const { return refused_; }  // connections reset for want of room

 private:
  friend class Connection;
  friend struct AcceptAwaiter;
  friend struct ConnectAwaiter;
  friend struct SleepAwaiter;
  friend struct ConnectionAwaiter;

  // A connection held by a coroutine; the host's user tag of the connection is its index here.
  struct Slot {
    stack::ConnectionId id{};
    Waiter* reader = nullptr;  // read, shutdown, connect
    Waiter* writer = nullptr;
  };
  struct Sleeper {
    TimerLinks timer;
    Waiter* waiter = nullptr;
  };
  struct SleeperLinks {
    IndexPool<Sleeper>* sleepers;
    TimerLinks& operator()(std::uint32_t index) const { return (*sleepers)[index].timer; }
  };

  std::uint32_t hold(stack::ConnectionId id);  // kNoIndex, and the connection reset, when there is no room
  void let_go(std::uint32_t slot, bool abort);
  void wake(Waiter*& place);  // resumes who waits there, if what he waits for has come
  static void resume(Waiter* waiter);
  void wake_acceptors(stack::ListenerId listener);
  void wake_sleepers();
  void arm_host_timer();
  static void on_root_end(void* loop, PromiseBase& ended);

  stack::Host& host_;
  Frames frames_;
  IndexPool<Slot> slots_;
  IndexPool<Sleeper> sleepers_;
  TimerWheel<SleeperLinks> wheel_;
  std::vector<stack::ListenerId> listeners_;
  Waiter* acceptors_ = nullptr;
  PromiseBase* roots_ = nullptr;
  std::uint64_t refused_ = 0;
  bool is_ending_ = false;
};

}  // namespace weir::co
