#include <weir/run/process.h>

#include <weir/run/clock.h>

#include "process_impl.h"

namespace weir::run {

void block_end_signals();  // process_run.cc

namespace {

ProcessOptions with_signals_blocked(ProcessOptions options) {
  if (options.handle_signals) block_end_signals();
  return options;
}

const char* name_of(ProcessState state) {
  switch (state) {
    case ProcessState::kStarting:
      return "starting";
    case ProcessState::kRunning:
      return "running";
    case ProcessState::kDraining:
      return "draining";
    case ProcessState::kStopping:
      return "stopping";
  }
  return "";
}

}  // namespace

Process::Process(const ProcessConfig& config, ProcessOptions options)
    : impl_(std::make_unique<Impl>(config, with_signals_blocked(std::move(options)))) {}

Process::~Process() = default;

void Process::run() {
  impl_->launch();
  impl_->await_start();
  auto starting = ProcessState::kStarting;
  impl_->state.compare_exchange_strong(starting, ProcessState::kRunning);
  while (!impl_->have_all_ended()) {
    impl_->watch_signals();
    impl_->watch(monotonic_now());
  }
  impl_->join();
}

void Process::drain() {
  impl_->drain();
}

std::string Process::reload() {
  return impl_->reload();
}

void Process::stop() {
  impl_->stop();
}

std::string Process::state() const {
  return name_of(impl_->state);
}

Instant Process::now() const {
  return monotonic_now();
}

Instant Process::started() const {
  return impl_->started;
}

Mailbox& Process::mailbox(unsigned worker) {
  return impl_->workers.at(worker)->mailbox();
}

stack::Host& Process::host(unsigned worker) {
  return impl_->workers.at(worker)->host();
}

}  // namespace weir::run
