// Two hosts, a link between them that loses what the input says, and the applications' view of every connection:
// who wrote what, and how much of it the other end has read.
#pragma once

#include <array>
#include <deque>
#include <set>
#include <vector>

#include "ground.h"
#include "settings.h"
#include "simulation/observer.h"

namespace weir::fuzz {

// One end of a connection as its application knows it; kept after it was let go of.
struct End {
  unsigned host = 0;
  stack::ConnectionId id{};
  Endpoint local{}, remote{};
  std::vector<std::uint8_t> written{};
  std::uint64_t read = 0;
  bool is_let_go = false;
  bool is_shut = false;          // shutdown() of sending was asked for
  bool is_receive_shut = false;  // at_end() says nothing then
  bool is_unclear = false;       // its bytes went through another connection, or its 4-tuple was used twice
};

class Pair {
 public:
  explicit Pair(Input& input);

  stack::Host& host(unsigned which) { return at_[which]->host(); }
  testing::SimHost& at(unsigned which) { return *at_[which]; }
  testing::Simulation& simulation() { return simulation_; }
  const IpAddress& address(unsigned host, bool is_v4) const { return addresses_[host][is_v4 ? 0 : 1]; }

  std::deque<End>& ends() { return ends_; }
  End* end(unsigned which) { return ends_.empty() ? nullptr : &ends_[which % ends_.size()]; }
  End* peer_of(const End& end);  // nullptr: it has none, or more than one

  // --- what an application does; judged ---
  void connect(unsigned host, const stack::ConnectOptions& options);
  void accept(unsigned host, stack::ListenerId listener);
  void send(End& end, std::uint32_t length, Sending how);
  void send_packet(End& end, std::uint32_t length);
  void receive(End& end, std::uint32_t length);
  void receive_packet(End& end);
  void splice(End& from, End& to);
  void let_go(End& end, std::optional<tcp::milliseconds> linger, bool is_abort);
  void judge_end_of_stream(End& end);

  // --- the link, and what the hosts are short of ---
  void weather(Input& input);
  void hoard(unsigned host, std::uint32_t left);
  void give_back() { hoarded_.clear(); }

  // Bounded in work as well as in time: a setting may ask for a probe every tenth of a second, for hours.
  void run(Duration duration);
  bool is_tired() const { return simulation_.steps() >= kWorkMax; }
  // The link is perfect, whoever is left reads and closes, everything is let go of: nothing may remain.
  void finish();

 private:
  static constexpr std::uint64_t kWorkMax = 5000;  // steps of the simulation
  void judge_read(End& end, std::span<const std::uint8_t> bytes);
  void judge_wire();
  void read_all(End& end);
  void add(unsigned host, stack::ConnectionId id);
  bool is_lost();

  testing::Simulation simulation_{1};
  testing::Observer observer_;
  std::array<testing::SimHost*, 2> at_{};
  std::array<std::array<IpAddress, 2>, 2> addresses_;
  std::deque<End> ends_;
  std::vector<Packet> hoarded_;
  std::uint32_t losses_ = 0;  // one bit a packet, over and over
  unsigned sent_ = 0;
};

}  // namespace weir::fuzz
