// What a process holds. Members end in the reverse order: workers, then rings, ports, packets, EAL.
#pragma once

#include <atomic>
#include <future>
#include <mutex>
#include <stdexcept>

#include <weir/run/process.h>
#include <weir/run/worker.h>

#include "defence_watch.h"

namespace weir::run {

inline constexpr std::uint32_t kDescriptorsMin = 128;  // of a queue
inline constexpr std::uint32_t kDescriptorsMax = 1024;

enum class ProcessState : std::uint8_t { kStarting, kRunning, kDraining, kStopping };

// Why a reload changed nothing.
class BadReload : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Of one worker, while its lcore runs it.
struct Run {
  Worker* worker = nullptr;
  unsigned lcore = 0;
  const std::function<std::unique_ptr<stack::Application>(unsigned)>* factory = nullptr;
  std::promise<void> started;  // with what the start threw
  std::atomic<bool> ended{false};
  std::atomic<double> busy_share{0};
  std::uint64_t sampled_busy_ns = 0;  // at the last sample: the thread of run()
  std::uint64_t sampled_idle_ns = 0;
};

struct Process::Impl {
  Impl(const ProcessConfig& config_, ProcessOptions options_);

  // process_build.cc
  void forecast_memory();
  void say(const std::string& line, LogLevel level = LogLevel::kInfo) const;
  void build_workers();
  void build_runs();
  WorkerSetup worker_setup(std::uint16_t index, const stack::HostConfig& shared) const;

  // process_ports.cc
  void open_ports();
  void open_port(const PortConfig& wanted, const nic::RssKey& rss_key);
  void check_kernel_addresses(const PortConfig& config, const MacAddress& mac);

  // process_network.cc
  void add_interfaces(Worker& worker);
  void add_routes(stack::Network& network);
  void add_neighbours(stack::Network& network);
  void add_local_addresses(stack::Host& host);

  // process_run.cc
  void launch();
  void await_start();
  void join();
  bool have_all_ended() const;
  void watch(Instant now);
  void watch_signals();
  void watch_links(Instant now);
  void watch_draining(Instant now);
  void watch_defences();
  void sample_busy_share(Instant now);
  void drain();
  void stop();

  // process_reload.cc
  std::string reload();
  ProcessConfig read_again() const;
  void take_over(const ProcessConfig& fresh);
  void tell_workers(const std::function<void(stack::Host&)>& change);

  ProcessConfig config;
  ProcessOptions options;
  Instant started;
  std::atomic<ProcessState> state{ProcessState::kStarting};
  std::atomic<Instant> draining_until{Instant::max()};
  std::unique_ptr<nic::Eal> eal;
  std::unique_ptr<PacketPool> packets;
  std::vector<std::unique_ptr<nic::Port>> ports;
  std::unique_ptr<Rings> rings;
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<std::unique_ptr<Run>> runs;
  mutable std::mutex links_mutex;
  std::vector<nic::LinkState> links;
  Instant sample_at{};
  DefenceWatch defence_watch;
  std::mutex reload_mutex;
};

}  // namespace weir::run
