// One run: hosts, weather and talkers as the seed's plan says, and the verdict about it.
#pragma once

#include <array>
#include <deque>
#include <memory>

#include "crowd.h"
#include "tally.h"

namespace weir::testing {

struct Verdict {
  std::vector<std::string> faults;  // empty: all invariants held
  Tally tally;
  std::uint64_t steps = 0;
  std::string trace;  // the last packets, when there are faults
};

// Faults put in on purpose: the proof that they are seen.
enum class Sabotage : std::uint8_t { kNone, kWrongByte, kEatEverything, kKeepPacket, kLoseEvent, kResetSomebody };

// Packets for all runs of a process: pools take long to make.
class Pools {
 public:
  static constexpr std::uint32_t kPackets = 4095;
  Pools();
  PacketPool& operator[](std::size_t host) { return pools_[host]; }

 private:
  std::deque<PacketPool> pools_;
};

class World {
 public:
  World(std::uint64_t seed, Pools& pools, Sabotage sabotage = Sabotage::kNone);
  ~World();

  Verdict run();
  Simulation& simulation() { return simulation_; }

 private:
  static constexpr Duration kLimit = 4h;       // of virtual time, for all talks
  static constexpr Duration kAfterglow = 2h;   // until the last state is gone
  static constexpr Duration kPatience = 300s;  // with a peer that left without a word

  struct Party {
    SimHost* at = nullptr;
    std::array<IpAddress, 2> addresses{};
    std::unique_ptr<Crowd> crowd;
    std::vector<std::uint16_t> profiles;
    std::vector<std::array<stack::ListenerId, 2>> listeners;  // by family
    std::vector<bool> is_listening;
    std::vector<Packet> hoarded;
    std::map<std::pair<Endpoint, Endpoint>, std::size_t> talk_from;  // what from a peer to here belongs to
    std::uint64_t jumps = 0;
  };
  struct Talk {
    TalkPlan plan;
    Talker* opener = nullptr;
    Talker* acceptor = nullptr;
    bool has_begun = false, is_booked = false;
    bool is_excused = false;  // an end was rude, or the listener went: any prefix and any reason will do
    bool is_watched = false;  // whoever is left will be let go
  };

  // world_build.cc
  void add_party(std::size_t index, Pools& pools);
  void listen(Party& party, std::size_t index, unsigned listener);
  void book(const Mishap& mishap);
  void begin_mishap(const Mishap& mishap);
  void end_mishap(const Mishap& mishap);
  void hoard(Party& party, std::uint32_t leave);
  void stop_listening(const Mishap& mishap);
  void sabotage();
  void reset_somebody();
  static IpAddress address_of(const Party& party, bool is_v4);

  // world_talks.cc
  void book_talk(std::size_t index, Duration after);
  void begin_talk(std::size_t index);
  bool open_end(std::size_t index, bool is_opener);
  Talker talker_for(Party& party, stack::ConnectionId id, std::size_t index, bool is_opener);
  void accepted(Party& party, stack::ConnectionId id);
  std::uint16_t port_near_wrap(const TalkPlan& plan);
  bool is_over(const Talk& talk) const;
  bool all_over();
  void look_after(std::size_t index);

  // world_judge.cc
  std::string who_is_left() const;
  void judge_talk(const Talk& talk);
  void judge_end(const Talk& talk, const Talker* end, const Talker* peer, const char* name);
  bool was_time_wait_over(const Talk& talk) const;
  void judge_host(const Party& party);
  void judge_link(const Party& party, const LinkSettings& settings);
  bool is_all_given_back() const;
  void fault(const std::string& what) { verdict_.faults.push_back(what); }
  void report();
  void report_talk(const Talk& talk);
  void report_wire();

  std::uint64_t seed_;
  Plan plan_;
  Sabotage sabotage_;
  Simulation simulation_;
  Observer observer_;
  std::vector<Party> parties_;
  std::vector<Talk> talks_;
  Packet kept_;              // kKeepPacket
  bool has_changed_ = true;  // somebody is over: look at all talks again
  bool is_over_ = false;
  Verdict verdict_;
};

}  // namespace weir::testing
