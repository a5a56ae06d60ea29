#include <csignal>
#include <ctime>

#include <rte_launch.h>

#include <weir/run/clock.h>

#include "process_impl.h"

namespace weir::run {

namespace {

// On the worker's lcore.
int work(void* argument) {
  auto& run = *static_cast<Run*>(argument);
  bool has_started = false;
  try {
    run.worker->start((*run.factory)(run.worker->index()));
    has_started = true;
    run.started.set_value();
    run.worker->run();
  } catch (...) {
    if (has_started) throw;  // a fault of the program: ends it, loudly
    run.started.set_exception(std::current_exception());
  }
  run.ended.store(true, std::memory_order_release);
  return 0;
}

sigset_t end_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

// Before any thread is started, so that all inherit it.
void block_end_signals() {
  const sigset_t set = end_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void Process::Impl::launch() {
  for (const auto& run : runs) {
    if (rte_eal_remote_launch(work, run.get(), run->lcore) == 0) continue;
    stop();
    join();
    throw nic::SetupError("lcore " + std::to_string(run->lcore) + " is busy with something else");
  }
}

// All or none: what one start threw ends the others.
void Process::Impl::await_start() {
  std::exception_ptr failure;
  for (const auto& run : runs) {
    try {
      run->started.get_future().get();
    } catch (...) {
      if (!failure) failure = std::current_exception();
    }
  }
  if (!failure) return;
  stop();
  join();
  std::rethrow_exception(failure);
}

void Process::Impl::join() {
  for (const auto& run : runs) rte_eal_wait_lcore(run->lcore);
}

bool Process::Impl::have_all_ended() const {
  for (const auto& run : runs)
    if (!run->ended.load(std::memory_order_acquire)) return false;
  return true;
}

void Process::Impl::watch(Instant now) {
  watch_links(now);
  watch_draining(now);
  watch_defences();
  sample_busy_share(now);
}

// Also the pause between two looks.
void Process::Impl::watch_signals() {
  const timespec pause{0, std::chrono::nanoseconds{kWatchInterval}.count()};
  if (!options.handle_signals) {
    clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, nullptr);
    return;
  }
  const sigset_t set = end_signals();
  const int signal = sigtimedwait(&set, nullptr, &pause);
  if (signal <= 0) return;
  const bool again = state >= ProcessState::kDraining;
  say(std::string{signal == SIGTERM ? "SIGTERM: " : "SIGINT: "} +
      (again ? "stopping at once" : "draining; a second one stops at once"));
  again ? stop() : drain();
}

void Process::Impl::watch_links(Instant now) {
  for (std::uint16_t i = 0; i < ports.size(); ++i) {
    const nic::LinkState before = ports[i]->link();
    const nic::LinkState link = ports[i]->poll_link();
    if (link == before) continue;
    {
      const std::lock_guard lock(links_mutex);
      links[i] = link;
    }
    if (link.up == before.up) continue;
    say("port " + config.ports[i].device + ": link " + (link.up ? "up" : "down"));
    for (const auto& worker : workers) {
      const auto told = worker->mailbox().post(
          [&network = worker->network(), i, up = link.up, now] { network.set_link(i, up, now); });
      if (!told) say("a worker's mailbox is full: it does not learn of that link", LogLevel::kWarning);
    }
  }
}

void Process::Impl::watch_draining(Instant now) {
  if (state != ProcessState::kDraining) return;
  bool all = true;
  for (const auto& worker : workers) all = all && worker->is_drained();
  if (all) {
    say("drained");
    return stop();
  }
  if (now < draining_until.load()) return;
  say("the drain deadline has come: what is still open is reset", LogLevel::kWarning);
  stop();
}

void Process::Impl::watch_defences() {
  for (unsigned i = 0; i < workers.size(); ++i)
    for (const auto& line : defence_watch.look(i, workers[i]->host().defences())) say(line.text, line.level);
}

void Process::Impl::sample_busy_share(Instant now) {
  if (now < sample_at) return;
  sample_at = now + 1s;
  for (const auto& run : runs) {
    const WorkerMetrics& metrics = run->worker->metrics();
    const std::uint64_t busy = metrics.busy_ns.value() - run->sampled_busy_ns;
    const std::uint64_t idle = metrics.idle_ns.value() - run->sampled_idle_ns;
    run->sampled_busy_ns += busy;
    run->sampled_idle_ns += idle;
    if (busy + idle != 0) run->busy_share = static_cast<double>(busy) / static_cast<double>(busy + idle);
  }
}

void Process::Impl::drain() {
  ProcessState before = state;
  while (before < ProcessState::kDraining && !state.compare_exchange_weak(before, ProcessState::kDraining)) continue;
  if (before >= ProcessState::kDraining) return;
  draining_until = monotonic_now() + config.drain_deadline;
  for (const auto& worker : workers) worker->drain();
}

void Process::Impl::stop() {
  state = ProcessState::kStopping;
  for (const auto& worker : workers) worker->stop();
}

}  // namespace weir::run
