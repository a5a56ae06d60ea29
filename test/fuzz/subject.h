// The host that the peer's segments are put before, its application, and a clock: everything is looked at after each
// step.
#pragma once

#include <vector>

#include "book.h"
#include "ground.h"
#include "settings.h"

namespace weir::fuzz {

// A connection as its application knows it.
struct Held {
  stack::ConnectionId id{};
  std::shared_ptr<Written> written{};
  std::shared_ptr<Life> life{};  // empty: it is not known which
  bool is_unclear = false;       // nor will it be
  std::uint64_t read = 0;
};

class Subject {
 public:
  static constexpr std::uint16_t kHostPort = 80, kPeerPort = 40'000;

  Subject(const stack::HostConfig& config, bool is_v4);
  ~Subject();

  stack::Host& host() { return *host_; }
  Book& book() { return book_; }
  Instant now() const { return now_; }
  bool is_v4() const { return host_address_.is_v4; }
  // Headers of a packet of the peer's.
  TcpPacket from_peer() const;
  const scripts::Address& router() const { return peer_address_; }

  // --- the wire: what arrives in one burst; the book is told by the caller. A reset alone is never answered by one ---
  void receive(const std::vector<Bytes>& burst, bool is_reset = false);

  // --- the application ---
  void listen(const tcp::Settings& settings, std::uint32_t backlog);
  void stop_listening();
  void connect();
  void accept();
  Held* held(unsigned which);  // nullptr: there is none
  void send(Held& held, std::uint32_t length, Sending how);
  void receive(Held& held, std::uint32_t length);
  void echo(Held& held);

  // --- time ---
  void advance(Duration duration);
  void advance_to_deadline();

  // --- shortage: packets taken from the pool, until `left` remain ---
  void hoard(std::uint32_t left);
  void give_back();

  // Lets go of everything and runs until nothing more happens.
  void finish();
  // What was sent is judged; after every call into the host.
  void look();

 private:
  static constexpr std::size_t kAnswersMax = 2500;  // to one burst, or one turn of the timers
  static constexpr unsigned kTurnsMax = 100'000;
  static void on_flush(void* self, std::span<rte_mbuf*> batch);
  void take_events();
  void forget_opening();
  void judge_held();

  PacketPool& packets_;
  Outbox outbox_;
  scripts::Address host_address_, peer_address_;
  Instant now_;
  std::unique_ptr<stack::Host> host_;
  Book book_;
  std::vector<Bytes> sent_;
  std::vector<stack::ListenerId> listeners_;
  std::vector<Held> held_;
  std::vector<Packet> hoarded_;
  stack::ConnectionId opening_{};  // whose first SYN is still to come
};

}  // namespace weir::fuzz
