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

namespace weir::testing {

// One direction's fate; percentages are of packets.
struct LinkSettings {
  Duration delay = 5ms;
  double loss_percent = 0;
  double duplicate_percent = 0;
  double reorder_percent = 0;  // delayed by up to 4 * delay more, so that later ones overtake
  double corrupt_percent = 0;  // one random bit flipped
};

struct LinkCounts {
  std::uint64_t sent = 0, lost = 0, duplicated = 0, reordered = 0, corrupted = 0;
};

class Simulation;

class SimHost {
 public:
  SimHost(Simulation& simulation, std::string name, const stack::HostConfig& config, Instant now);
  ~SimHost();

  stack::Host& host() { return *host_; }
  PacketPool& packets() { return packets_; }
  const std::string& name() const { return name_; }
  // Called after every packet or timer of this host: the application's turn.
  std::function<void()> on_turn;
  // When the application asks for a turn even if nothing arrives.
  std::function<std::optional<Instant>()> next_deadline;
  // True when no packet of the pool is out (queues empty, everything given back).
  bool is_pool_full() const { return packets_.available() == packets_.capacity(); }

 private:
  friend class Simulation;
  static void on_flush(void* context, std::span<rte_mbuf*> batch);

  Simulation& simulation_;
  std::string name_;
  PacketPool packets_;
  Outbox outbox_;
  std::unique_ptr<stack::Host> host_;
};

// Small tables, timers as by default, secrets from the seed.
stack::HostConfig small_host(std::uint64_t seed);

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed);
  ~Simulation();

  SimHost& add_host(const std::string& name, std::initializer_list<const char*> addresses,
                    const stack::HostConfig& config);
  SimHost& add_host(const std::string& name, std::initializer_list<const char*> addresses) {
    return add_host(name, addresses, small_host(random_.next()));
  }

  LinkSettings link;                          // of all directions, unless there is one in `links`
  std::map<std::string, LinkSettings> links;  // by the receiving host's name
  // Sees each packet as it is sent ("name" of the sender) and may say false: lost.
  std::function<bool(const std::string& from, const IpHeader&, const Segment&)> filter;

  Instant now() const { return now_; }
  Random& random() { return random_; }
  // Lets exactly this much time pass.
  void advance(Duration duration);
  // Runs until `done`, at most `limit` of virtual time; false when the limit came first.
  bool run_until(const std::function<bool()>& done, Duration limit);
  // Hands out what the applications' calls produced; done by advance() and run_until() as well.
  void settle();
  // Puts an IP packet on its way to the host that has its destination address.
  void inject(Packet packet, const std::string& from = "wire");

  const LinkCounts& counts() const { return counts_; }
  // The last packets, one line each, oldest first: for failures.
  std::string trace() const;

 private:
  friend class SimHost;
  struct Delivery {
    SimHost* to;
    Packet packet;
  };
  void send(const std::string& from, Packet packet);
  void deliver_later(SimHost& to, const Packet& packet, Duration delay);
  void corrupt(Packet& packet);
  SimHost* find(const IpAddress& address);
  bool step(Instant limit);
  void turn(SimHost& host);

  static constexpr std::size_t kTraceLines = 200;
  Random random_;
  Instant now_{1'000'000s};
  std::vector<std::unique_ptr<SimHost>> hosts_;
  std::multimap<Instant, Delivery> in_flight_;
  LinkCounts counts_;
  std::deque<std::string> trace_;
};

}  // namespace weir::testing
