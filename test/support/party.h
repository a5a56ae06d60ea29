// A plain application on a simulated host: connections that write what they are given and keep what they read. The
// clients and servers that balancers and servers of ours are tested with.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "support/simulation.h"

namespace weir::testing {

std::string text_pattern(std::size_t bytes, std::uint32_t seed);

struct Line {
  stack::ConnectionId id;
  std::string to_send{};
  std::size_t sent = 0;
  std::string received{};
  std::size_t reads_at_most = ~std::size_t{0};  // then its window closes
  bool ends_when_sent = false;                  // shuts its direction down after to_send
  bool closes_at_end = false;                   // shuts it down when the peer's end was read
  bool ended = false;                           // shut down
  bool opened = false;
  bool saw_end = false;  // everything read, and the peer's FIN
  bool closed = false;
  tcp::CloseReason reason = tcp::CloseReason::kNone;

  bool was_reset() const { return closed && reason == tcp::CloseReason::kReset; }
  bool ended_well() const { return closed && reason == tcp::CloseReason::kNormal; }
};

class Party {
 public:
  explicit Party(SimHost& at);

  void listen(const Endpoint& endpoint, const tcp::Settings& settings = {});
  Line& connect(const Endpoint& remote);
  void reset(Line& line) { at_.host().abort(line.id); }
  void end(Line& line);  // shuts its direction down now
  // Lets go of every connection.
  void reset_all();

  SimHost& at() { return at_; }
  std::deque<Line> lines;  // in the order in which they came to be; references stay
  Line accepted{};         // what an accepted connection begins as

 private:
  void turn();
  void on_event(const stack::Event& event);
  void drive(Line& line);

  SimHost& at_;
};

}  // namespace weir::testing
