// The servers of one core: HTTP/1.1, echo, discard and chargen. One object per core, all on one Board.
//
// Back-pressure: nothing is read while an answer waits for room, so a client that does not read soon cannot send.
// A connection on which nothing moves for `idle` is reset; an HTTP head must come whole within that time.
#pragma once

#include <memory>
#include <vector>

#include <weir/base/index_pool.h>
#include <weir/load/board.h>
#include <weir/load/session.h>
#include <weir/stack/application.h>
#include <weir/tcp/settings.h>

namespace weir::load {

class Server final : public stack::Application {
 public:
  static constexpr unsigned kEventsMax = 1024;        // taken in one turn
  static constexpr std::uint32_t kExpiriesMax = 256;  // timers handled in one turn
  static constexpr unsigned kStepsMax = 64;           // packets or requests of one connection in one turn
  static constexpr std::size_t kPieceMax = 16384;     // bytes made up at once

  // `board` outlives this. `base`: TCP settings of all connections; buffers and Nagle are the servers' own.
  Server(Board& board, unsigned worker, const tcp::Settings& base);
  ~Server() override;

  void start(stack::Host& host) override;
  void poll(stack::Host& host) override;
  std::optional<Instant> next_deadline() const override;
  // HTTP connections end after the answer under way, chargen's at once; others when their clients end them.
  void drain(stack::Host& host) override;
  bool is_drained() const override;
  void stop(stack::Host& host) override;

  std::uint32_t open_sessions() const { return pool_.in_use(); }
  // Bytes that the sessions take on one core, for the forecast.
  static std::uint64_t memory(const ServeConfig& config);

 private:
  struct Links {
    IndexPool<Session>* pool;
    TimerLinks& operator()(std::uint32_t index) const { return (*pool)[index].timer; }
  };

  // server.cc
  void listen(const Endpoint& endpoint, std::uint16_t server);
  bool take_events();
  void accept_all(stack::ListenerId listener);
  bool advance();

  // server_sessions.cc
  void begin(std::uint16_t server, stack::ConnectionId client);
  void on_event(const stack::Event& event);
  void serve(std::uint32_t index);
  bool serve_some(Session& session);
  void on_closed(std::uint32_t index, tcp::CloseReason reason);
  void on_expired(std::uint32_t index);
  void end(std::uint32_t index, bool abort);
  void refuse_connection(std::uint32_t index);
  void resume_later(std::uint32_t index);
  void resume();

  // What a server of each kind does with a connection; true when it stopped only because its turn was over.
  bool serve_echo(Session& session);
  bool serve_discard(Session& session);
  bool serve_chargen(Session& session);
  bool serve_http(Session& session);
  bool throw_away_input(Session& session);
  void finish(Session& session);  // closes our side

  // http.cc. A step returns false when it can go no further now.
  bool step_http(Session& session);
  HttpState& request_of(const Session& session) { return requests_[session.request]; }
  bool begin_request(Session& session);
  void end_request(Session& session);
  bool send_continue(Session& session);
  bool read_head(Session& session);
  void on_request(Session& session);
  bool read_body(Session& session);
  ReadProgress feed_body(Session& session, std::span<const std::uint8_t> bytes);
  void refuse(Session& session, HttpStatus status);

  // http_sending.cc
  void begin_answer(Session& session, HttpStatus status, std::uint64_t body);
  void answer_request(Session& session);
  bool send_answer(Session& session);
  void on_answered(Session& session);

  Packet next_input(Session& session);
  void keep_rest(Session& session, Packet packet, std::size_t used);
  bool has_progressed(Session& session);

  const ServerConfig& config_of(const Session& session) const { return board_.config().servers[session.server]; }
  ServerCounts& counts_of(const Session& session) { return board_.counts(worker_, session.server); }
  void moved(Session& session) { session.last_moved = now(); }
  Tick now() const { return Tick::at(host_->now()); }

  Board& board_;
  unsigned worker_;
  tcp::Settings base_;
  IndexPool<Session> pool_;
  IndexPool<HttpState> requests_;
  stack::Host* host_ = nullptr;                    // from start() on
  std::unique_ptr<TimerWheel<Links>> wheel_;       // likewise
  std::vector<bool> live_;                         // by session index: is it in use?
  std::vector<std::uint16_t> server_by_listener_;  // by listener
  std::vector<stack::ListenerId> listeners_;
  std::vector<std::uint32_t> to_resume_, resuming_;
  Instant now_{};      // of the last turn
  bool more_ = false;  // the last turn left something to do
  bool draining_ = false;
};

}  // namespace weir::load
