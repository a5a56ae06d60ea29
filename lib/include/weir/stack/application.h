// What runs on a host: a server, a balancer, a load generator. One object per core. Virtual calls are made once per
// burst, never per packet.
#pragma once

#include <optional>

#include <weir/base/instant.h>
#include <weir/stack/host.h>

namespace weir::stack {

class Application {
 public:
  virtual ~Application() = default;
  // Once, on the core's own thread, before the first packet. Throws std::runtime_error with what to do about it.
  virtual void start(Host& host) = 0;
  // Once per turn of the loop, after packets were handled: takes events, does what its own timers ask for. Bounded.
  virtual void poll(Host& host) = 0;
  // When poll() is needed next even if no event comes.
  virtual std::optional<Instant> next_deadline() const = 0;
  // No new work from now on; what is open may finish.
  virtual void drain(Host& host) = 0;
  // True when drain() has come to its end: nothing is open any more.
  virtual bool is_drained() const = 0;
  // Ends everything at once (resets).
  virtual void stop(Host& host) = 0;
};

}  // namespace weir::stack
