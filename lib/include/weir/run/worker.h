// One core at work: a loop that runs every packet to completion. Owns the core's network layer, host and application.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <vector>

#include <weir/nic/port.h>
#include <weir/run/mailbox.h>
#include <weir/run/missteer.h>
#include <weir/run/pressure.h>
#include <weir/run/rings.h>
#include <weir/run/worker_metrics.h>
#include <weir/stack/application.h>
#include <weir/stack/network.h>

namespace weir::run {

struct WorkerSetup {
  std::uint16_t index = 0;           // its queue of every port, its place in the rings
  Duration idle_sleep{};             // longest sleep when there is nothing to do; 0: polls on
  std::uint32_t missteer_every = 0;  // see Missteer
  std::uint64_t seed = 1;
  stack::HostConfig host;
  stack::NetworkConfig network;  // egress is the worker's to fill in
};

// Built and wired on one thread, then used on its own; functions marked (any) may be called from any thread.
class Worker {
 public:
  static constexpr unsigned kCommandsPerTurn = 8;
  static constexpr unsigned kTurnsBeforeSleep = 32;  // idle ones
  static constexpr Duration kFirstSleep = 20us;      // doubled from sleep to sleep, up to idle_sleep
  static constexpr unsigned kDoublingsMax = 16;
  static constexpr unsigned kTurnsAtEnd = 4;         // so that what stop() says leaves
  static constexpr std::size_t kTakeOverBurst = 64;  // from each ring, per turn
  static constexpr unsigned kShedBursts = 4;         // per turn and port, while more comes than can be answered

  // All but `setup` outlive the worker. Interface i of the network is ports[i].
  Worker(const WorkerSetup& setup, std::vector<nic::Port*> ports, Rings& rings, PacketPool& packets, Instant now);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  stack::Network& network() { return network_; }
  stack::Host& host() { return host_; }
  const stack::Host& host() const { return host_; }
  const stack::DropCounters& link_drops() const { return link_drops_; }  // (any)
  Mailbox& mailbox() { return mailbox_; }                                // (any)
  const WorkerMetrics& metrics() const { return metrics_; }              // (any)
  std::uint16_t index() const { return setup_.index; }

  // Before the first turn, on the worker's thread: the application starts. Throws what it throws.
  void start(std::unique_ptr<stack::Application> application);
  // Turns until stopped.
  void run();
  // One turn: packets in, application, timers, commands, packets out. False when there was nothing to do.
  bool turn(Instant now);
  // How long it may sleep at `now` without missing anything that it knows of; at most setup.idle_sleep, less when it
  // was busy lately.
  Duration may_sleep(Instant now) const;

  void drain();                              // (any) no new work; is_drained() tells the end
  void stop() { wish_.store(Wish::kStop); }  // (any) ends everything; run() returns soon
  bool is_drained() const { return drained_.load(std::memory_order_acquire); }  // (any)

 private:
  enum class Wish : std::uint8_t { kRun, kDrain, kStop };

  static void transmit(void* worker, std::span<rte_mbuf*> ip_packets);
  static void send_frames(void* worker, std::uint16_t interface, std::span<rte_mbuf*> frames);
  static stack::NetworkConfig with_egress(stack::NetworkConfig config, Worker* worker);

  std::size_t receive();
  std::uint32_t receive_burst(std::uint16_t port, bool sheds);
  std::size_t reach_behind(std::uint16_t port);
  void deliver(std::span<rte_mbuf*> ip_packets);
  std::size_t take_over();
  void take_over_neighbour_frames(std::uint16_t from);
  bool handle_time();
  void hand_over();
  void hand_over_to(std::uint16_t worker, std::span<rte_mbuf*> packets);
  void share_neighbour_frames();
  void follow_wish();
  void account(bool busy, Instant now);
  void sleep(Instant now);

  WorkerSetup setup_;
  std::vector<nic::Port*> ports_;
  Rings& rings_;
  Missteer missteer_;
  Pressure pressure_;
  Mailbox mailbox_;
  WorkerMetrics metrics_;
  stack::DropCounters link_drops_;
  Instant now_;
  std::size_t sent_ = 0;  // frames of this turn
  stack::Network network_;
  Outbox outbox_;
  stack::Host host_;
  std::unique_ptr<stack::Application> application_;
  std::atomic<Wish> wish_{Wish::kRun};
  std::atomic<bool> drained_{false};
  Wish followed_ = Wish::kRun;
  unsigned idle_turns_ = 0;
  unsigned sleeps_in_a_row_ = 0;
  bool last_busy_ = false;
  bool was_full_ = false;  // a burst of the last turn
};

}  // namespace weir::run
