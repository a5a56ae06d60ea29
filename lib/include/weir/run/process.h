// A whole process: EAL, ports, packets, one worker per core, links watched, signals obeyed.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <weir/nic/eal.h>
#include <weir/run/control.h>
#include <weir/run/log.h>
#include <weir/run/mailbox.h>
#include <weir/run/process_config.h>
#include <weir/stack/application.h>

namespace weir::run {

struct ProcessOptions {
  // One application per worker; called on the worker's thread. Throws std::runtime_error with what to do about it.
  std::function<std::unique_ptr<stack::Application>(unsigned worker)> application;
  LogHook log;                      // prints, unless told otherwise
  std::uint64_t session_bytes = 0;  // what the applications will take, for the forecast (run/forecast.h)
  // Reads the configuration file again, for reload(); throws what is wrong with it.
  std::function<ProcessConfig()> reread = {};
  bool verbose = false;        // DPDK's own messages too
  bool handle_signals = true;  // SIGTERM and SIGINT drain, a second one stops
};

class Process {
 public:
  static constexpr Duration kWatchInterval = 100ms;  // links, signals, draining

  // Takes everything: forecast first, then EAL, packets, ports, tables. Throws Errors (nic::SetupError, OutOfMemory):
  // what is missing and what to type. One per program at a time. An EAL that the program has started is used and left
  // running; its worker lcores are taken in their order, and must be idle.
  Process(const ProcessConfig& config, ProcessOptions options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Starts the workers and returns when they have ended: drained, or stopped at the deadline or by wish. Throws what
  // an application's start threw. Once.
  void run();

  // Any thread, also before run(): return at once.
  void drain();  // no new work; ends when all is closed, or at the deadline
  void stop();   // ends now

  // Any thread but a worker's: reads limits, lists and the secrets of SYN cookies again and has all workers use them.
  // What is wrong with them, and then nothing has changed, or that a worker was too busy to be told; empty when done,
  // and all were told. Whatever else the file says is for the next start.
  std::string reload();

  // Any thread, while the process exists.
  std::vector<const stack::Host*> hosts() const;  // in worker order
  std::vector<const stack::DropCounters*> link_drops() const;
  std::vector<WorkerStatus> workers() const;
  std::vector<PortStatus> ports() const;
  stack::PoolLevels pools() const;
  std::string state() const;  // "starting", "running", "draining", "stopping"
  Instant now() const;
  Instant started() const;
  // Carried out by one worker between two bursts, with its host.
  Mailbox& mailbox(unsigned worker);
  stack::Host& host(unsigned worker);
  // All of the above for the control socket. `services` is the caller's to add.
  ControlSubject control_subject(const std::string& program);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::run
