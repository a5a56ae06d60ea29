// Hosts on a simulated network in virtual time, from one seed: the seam of stack::Host with a wire between.
// Needs EAL (test/unit/support/eal.h). Everything that happens is decided by the seed and the calls made.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <weir/stack/host.h>

#include "support/link.h"
#include "support/wire_queue.h"

namespace weir::testing {

class Simulation;

class SimHost {
 public:
  SimHost(Simulation& simulation, std::string name, const stack::HostConfig& config, PacketPool& packets);
  ~SimHost();

  stack::Host& host() { return *host_; }
  PacketPool& packets() { return packets_; }
  const std::string& name() const { return name_; }
  // This host's clock: the simulation's, and what it was set forward.
  Instant now() const;
  // Tells the host what time it is, as a worker does before it lets an application act.
  void tick() { host_->advance(now()); }
  void jump_clock(Duration forward) { clock_ahead_ += forward; }
  // Neither takes packets nor runs timers until then (the simulation's time): a worker that was not scheduled.
  void pause_until(Instant end) { paused_until_ = end; }
  // Called after every burst or timer of this host: the application's turn.
  std::function<void()> on_turn;
  // When the application asks for a turn even if nothing arrives, by this host's clock.
  std::function<std::optional<Instant>()> next_deadline;
  // True when no packet of the pool is out (queues empty, everything given back).
  bool is_pool_full() const { return packets_.available() == packets_.capacity(); }
  const LinkCounts& inbound() const { return link_.counts(); }

 private:
  friend class Simulation;
  static void on_flush(void* context, std::span<rte_mbuf*> batch);
  Instant next_turn() const;  // by the simulation's clock; Instant::max() when nothing is to be done

  Simulation& simulation_;
  std::string name_;
  PacketPool& packets_;
  Outbox outbox_;
  Link link_;  // towards this host
  Duration clock_ahead_{};
  Instant paused_until_{};
  std::unique_ptr<stack::Host> host_;
};

// Small tables, timers as by default, secrets from the seed.
stack::HostConfig small_host(std::uint64_t seed);

// A TCP packet as it is sent, or as it arrives with its checksum right. Valid during the call.
struct Sighting {
  SimHost& at;
  const IpHeader& ip;
  const Segment& segment;
  std::span<const std::uint8_t> text;
  std::uint32_t length = 0;  // of the IP packet
};

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed, Instant start = Instant{1'000'000s});
  ~Simulation();

  // With packets of its own, or of a pool that outlives the simulation.
  SimHost& add_host(const std::string& name, std::initializer_list<const char*> addresses,
                    const stack::HostConfig& config, PacketPool* packets = nullptr);
  SimHost& add_host(const std::string& name, std::initializer_list<const char*> addresses) {
    return add_host(name, addresses, small_host(random_.next()));
  }

  LinkSettings link;                          // of all directions, unless there is one in `links`
  std::map<std::string, LinkSettings> links;  // by the receiving host's name: all that goes there shares it
  // Sees each packet as it is sent ("name" of the sender) and may say false: lost.
  std::function<bool(const std::string& from, const IpHeader&, const Segment&)> filter;
  // Changes what is on its way, for tests of tests.
  std::function<void(std::vector<std::uint8_t>&)> tamper;
  // What an observer sees, with no part in it.
  std::function<void(const Sighting&)> on_sent, on_delivered;
  // Every line of the trace as it comes.
  std::function<void(const std::string&)> on_trace;

  Instant now() const { return now_; }
  Random& random() { return random_; }
  // Lets exactly this much time pass.
  void advance(Duration duration);
  // Runs until `done`, at most `limit` of virtual time; false when the limit came first, or nothing more can happen.
  bool run_until(const std::function<bool()>& done, Duration limit);
  // Hands out what the applications' calls produced; done by advance() and run_until() as well.
  void settle();
  // Puts an IP packet on its way to the host that has its destination address.
  void inject(Packet packet, const std::string& from = "wire");
  // Something that happens to the network or a host, between two packets.
  void at(Instant time, std::function<void()> what) { agenda_.emplace(time, std::move(what)); }

  LinkCounts counts() const;
  std::uint64_t steps() const { return steps_; }  // bursts delivered and turns of timers
  // The last packets, one line each, oldest first: for failures.
  std::string trace() const;

 private:
  friend class SimHost;
  struct Line {
    Instant at;
    std::string from;
    IpHeader ip;
    Segment segment;
    const char* note = "";
  };
  struct Sent {
    IpHeader ip;
    Segment segment;
    bool is_tcp = false;
  };
  void send(const std::string& from, SimHost* sender, Packet packet);
  Sent look_at(SimHost* sender, std::span<const std::uint8_t> bytes);
  void pass(SimHost& to, std::vector<std::uint8_t> bytes, const Sent& sent);
  void corrupt(std::vector<std::uint8_t>& bytes);
  void answer_too_big(std::span<const std::uint8_t> bytes, const IpHeader& ip, std::uint16_t mtu);
  const LinkSettings& settings_towards(const SimHost& to) const;
  SimHost* find(const IpAddress& address);
  void note(const std::string& from, const Sent& sent, const char* note);
  std::string describe(const Line& line) const;

  bool step(Instant limit);
  Instant next_event() const;
  void deliver_burst();
  void deliver_one(const Flight& flight, std::vector<rte_mbuf*>& burst);
  void sighted(SimHost& at, std::span<const std::uint8_t> bytes);
  void advance_hosts();
  void turn(SimHost& host);

  static constexpr std::size_t kTraceLines = 200;
  static constexpr std::size_t kBurst = 32;
  static constexpr std::uint64_t kStepsWithoutTimeMax = 1'000'000;
  Random random_;
  Instant start_, now_;
  std::uint64_t steps_ = 0, steps_since_ = 0;
  std::deque<PacketPool> pools_;
  std::vector<std::unique_ptr<SimHost>> hosts_;
  WireQueue in_flight_;
  std::multimap<Instant, std::function<void()>> agenda_;
  std::deque<Line> trace_;
};

}  // namespace weir::testing
