// One client's connection to a server.
#pragma once

#include <cstdint>

#include <weir/base/index_pool.h>
#include <weir/base/timer_wheel.h>
#include <weir/load/http_request.h>
#include <weir/stack/host.h>

namespace weir::load {

// Where an HTTP connection is between two requests' first bytes.
enum class HttpPhase : std::uint8_t {
  kHead,      // reading a request's head
  kContinue,  // sending 100 (Continue)
  kBody,      // reading, and throwing away, its body
  kAnswer,    // sending the answer
};

// A request from its first byte to the end of its answer.
struct HttpState {
  HttpHeadReader head;
  ChunkedBodyReader chunks;
  std::uint64_t body_left = 0;      // of the request
  std::uint64_t answer_length = 0;  // Content-Length of the answer
  std::uint64_t answer_body = 0;    // bytes of it that are sent: none to HEAD
  std::uint64_t answered = 0;       // bytes of the answer's head and body that were sent
  HttpStatus status = kOk;
  HttpPhase phase = HttpPhase::kHead;
  bool keep_alive = true;
};

struct Session {
  stack::ConnectionId id;
  Packet pending;  // read but not used up: no room to answer, or the start of the next request
  TimerLinks timer;
  Tick last_moved{};
  std::uint64_t sent = 0;            // chargen: place in the stream
  std::uint32_t outstanding = 0;     // bytes not acknowledged when the timer looked last
  std::uint32_t request = kNoIndex;  // the HttpState of the one under way: a connection that rests has none
  std::uint16_t server = 0;
  bool finished = false;  // we closed our side; what still comes is thrown away
  bool resume = false;    // there is more to do than one turn allows
  bool refused = false;   // there was no HttpState left for its request
};
static_assert(sizeof(Session) <= 64);

}  // namespace weir::load
