// The proxied connections of one core: accepts, connects, moves payload between the two sides without copying it, and
// ends them. One thread.
//
// Back-pressure: what the other side has no room for stays unread until there is room again; the sender's window closes
// meanwhile. Each direction holds at most buffer_bytes.
// Ends: the end of one stream is passed on when every byte before it has been; a session lasts until both sides have
// ended and the peers acknowledged it, so that nothing is cut off when a drain ends. A reset of one side resets the
// other. So do timeouts.
#pragma once

#include <span>
#include <vector>

#include <weir/balance/service.h>
#include <weir/balance/session.h>
#include <weir/base/index_pool.h>
#include <weir/base/timer_wheel.h>

namespace weir::balance {

class Sessions {
 public:
  static constexpr std::uint32_t kExpiriesMax = 256;  // timers handled in one turn

  // `host` and `services` outlive this.
  Sessions(std::uint32_t capacity, stack::Host& host, std::span<Service> services);

  // A client was accepted.
  void begin(Service& service, stack::ConnectionId client);
  void on_event(const stack::Event& event);
  // Timers. True when there is more to do at once.
  bool advance();
  std::optional<Tick> next_deadline() const;
  void reset_all();

  std::uint32_t open() const { return pool_.in_use(); }
  std::uint32_t capacity() const { return pool_.capacity(); }

 private:
  struct Links {
    IndexPool<Session>* pool;
    TimerLinks& operator()(std::uint32_t index) const { return (*pool)[index].timer; }
  };
  using Reason = Count ServiceCounts::*;

  // Connecting (connecting.cc).
  void on_connecting(std::uint32_t index, Side side, std::uint8_t what);
  void try_next(std::uint32_t index);
  stack::CallError open_backend(std::uint32_t index, std::uint16_t backend);
  void arm_try(std::uint32_t index);
  void on_try_failed(std::uint32_t index, tcp::CloseReason reason);
  void on_backend_open(std::uint32_t index);
  bool send_header(Session& session);
  void give_up(std::uint32_t index, Reason reason);

  // Open (splice.cc).
  void on_open(std::uint32_t index, Side side, std::uint8_t what);
  void pump(std::uint32_t index, Side from);
  void count_bytes(Session& session, Side from, std::uint64_t bytes);
  void pass_end(std::uint32_t index, Side from);

  // Ending (ending.cc).
  void on_closed(std::uint32_t index, Side side);
  void count_failure(Session& session, Side side);
  void on_expired(std::uint32_t index);
  void on_quiet(std::uint32_t index);
  bool is_draining(Session& session);
  void arm_quiet(std::uint32_t index);
  void end(std::uint32_t index);
  void reset(std::uint32_t index);
  void release(std::uint32_t index);

  Service& service_of(const Session& session) { return services_[session.service]; }
  std::uint32_t quiet_limit(const Session& session) const;
  Tick now() const { return Tick::at(host_.now()); }

  stack::Host& host_;
  std::span<Service> services_;
  IndexPool<Session> pool_;
  TimerWheel<Links> wheel_;
  std::vector<bool> live_;  // by session index: is it in use?
};

}  // namespace weir::balance
