// The load generator of one core: opens connections to the targets, asks, reads, closes, and counts what became of it.
// One object per core, all on one GeneratorBoard, which also tells when to begin and how fast.
//
// With a rate it is an open loop (load/schedule.h). Without one every connection that ends makes room for the next.
#pragma once

#include <memory>
#include <optional>

#include <weir/base/index_pool.h>
#include <weir/load/generator_board.h>
#include <weir/load/places.h>
#include <weir/load/schedule.h>
#include <weir/load/syn_flood.h>
#include <weir/load/visit.h>
#include <weir/stack/application.h>

namespace weir::load {

class Generator final : public stack::Application {
 public:
  static constexpr unsigned kEventsMax = 1024;         // taken in one turn
  static constexpr unsigned kStartsMax = 32;           // connections or requests begun in one turn
  static constexpr unsigned kExpiriesMax = 64;         // of each list, in one turn
  static constexpr unsigned kEndedMax = 256;           // kept connections looked at in one turn of draining
  static constexpr unsigned kOpeningMax = 256;         // handshakes under way to connections that are kept
  static constexpr unsigned kPlacesTried = 2;          // for a free source port
  static constexpr Duration kShortageRest = 1ms;       // after ports or memory ran out
  static constexpr std::size_t kUploadPiece = 16384;   // bytes handed over at once
  static constexpr std::uint32_t kCutLinesMax = 4096;  // answers of a core at once that need memory of their own

  // `board` outlives this. Sizes are the core's share of `open_max`.
  Generator(GeneratorBoard& board, unsigned worker, std::uint64_t seed);
  ~Generator() override;

  void start(stack::Host& host) override;
  void poll(stack::Host& host) override;
  std::optional<Instant> next_deadline() const override;
  // Nothing new. What is under way ends as it would; kept connections are closed.
  void drain(stack::Host& host) override;
  bool is_drained() const override { return draining_ && visits_.in_use() == 0; }
  void stop(stack::Host& host) override;

  // Bytes that `open_max` connections take on one core, for the forecast.
  static std::uint64_t memory(std::uint32_t open_max);
  static std::uint32_t share_of(std::uint32_t open_max, unsigned workers) { return (open_max + workers - 1) / workers; }

 private:
  // generator.cc: turns
  void follow_orders();
  bool take_events();
  void expire();
  bool end_kept_ones();
  void tell_gauges();

  // generator_starts.cc
  bool start_due();
  bool start_visits();
  bool flood(Schedule& schedule);
  bool start_connections();
  bool start_requests();
  bool keep_enough_open();
  std::optional<Instant> take_scheduled();
  bool open(Instant intended);
  stack::CallError connect(std::uint32_t index);
  void on_refused_start(std::uint32_t index, stack::CallError error);
  // Is there one free for what is due? Else an event or a timeout brings it.
  bool may_start() const {
    return config_.mode == GeneratorMode::kRequests ? !resting_.is_empty() : visits_.available() > 0;
  }
  // Those that a stall has kept waiting are not asked all at once: the links between would lose most of it.
  bool may_ask_again() const { return awaiting_.size() - opening_ < config_.asked_max; }
  void forget_due();
  bool is_short() const { return now_ < short_until_; }

  // generator_visits.cc: the life of one
  void on_event(const stack::Event& event);
  void on_opened(std::uint32_t index);
  void on_closed(std::uint32_t index, tcp::CloseReason reason);
  void ask(std::uint32_t index, Instant intended);
  void ask_again(std::uint32_t index);
  bool send_request(std::uint32_t index);
  void upload(std::uint32_t index);
  void begin_close(std::uint32_t index);
  void succeed(std::uint32_t index);
  void fail(std::uint32_t index, Failure failure);
  void release(std::uint32_t index);
  void await(std::uint32_t index);
  void rest(std::uint32_t index);
  void unlist(std::uint32_t index);

  // generator_answers.cc
  void read(std::uint32_t index);
  bool on_bytes(std::uint32_t index, std::span<const std::uint8_t> bytes);
  bool on_http_bytes(std::uint32_t index, std::span<const std::uint8_t> bytes);
  bool on_raw_bytes(std::uint32_t index, std::uint64_t count);
  void on_peers_end(std::uint32_t index);
  bool on_answer(std::uint32_t index);
  void note_first_byte(Visit& visit);

  bool is_alive(std::uint32_t index, stack::ConnectionId id) const {
    return index < visits_.capacity() && visits_[index].id == id;
  }
  bool asks_while_opening() const { return config_.mode == GeneratorMode::kConnections && has_request(); }
  bool asks_after_rest() const { return config_.mode == GeneratorMode::kConcurrent && has_request(); }
  bool has_request() const { return config_.protocol != GeneratorProtocol::kNone && !config_.request.empty(); }
  bool is_stream() const {
    return config_.mode == GeneratorMode::kThroughput && config_.protocol == GeneratorProtocol::kRaw;
  }
  GeneratorCounts& counts() { return board_.counts(worker_); }
  Latencies& latencies() { return board_.latencies(worker_); }
  Tick tick() const { return Tick::at(now_); }

  GeneratorBoard& board_;
  const GeneratorConfig& config_;
  unsigned worker_;
  std::uint32_t share_;  // of open_max
  IndexPool<Visit> visits_;
  HttpResponseReader::Extras extras_;
  VisitList awaiting_, resting_;
  Places places_;
  Schedule schedule_;
  Schedule flood_schedule_;  // of a flood beside the rest
  SynFlood flood_;
  stack::Host* host_ = nullptr;  // from start() on
  std::uint16_t profile_ = 0;
  std::uint32_t orders_known_ = 0;
  std::optional<Instant> begin_;  // of the orders known
  std::uint32_t opening_ = 0;     // kept connections whose handshake is under way
  Instant now_{};
  Instant short_until_{};
  Failure shortage_ = Failure::kNoPort;
  bool more_ = false;  // the last turn left something to do
  bool draining_ = false;
};

}  // namespace weir::load
