// An application that is one coroutine per core, and those that it starts: what weir/weir.h is to events.
// test/example/coroutine_echo.cc is a whole one.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>

#include <weir/co/co.h>
#include <weir/stack/application.h>

namespace weir::co {

// Give `std::make_unique<co::Program>(main)` to run::ProcessOptions::application.
class Program : public stack::Application {
 public:
  // Started on each core; it listens, accepts, connects. When the process drains, its listeners stop: whoever waits for
  // a connection gets an empty one. The process ends when this coroutine and all that it started have ended.
  using Main = Task<> (*)(Loop& loop);

  explicit Program(Main main, const LoopConfig& config = {}) : main_(main), config_(config) {}

  void start(stack::Host& host) override {
    loop_.emplace(host, config_);
    if (!loop_->start(main_(*loop_))) throw std::runtime_error("LoopConfig::frame_bytes is too small for main");
  }
  void poll(stack::Host&) override {
    if (loop_) loop_->poll();
  }
  std::optional<Instant> next_deadline() const override { return {}; }  // the host's wheel has them
  void drain(stack::Host&) override {
    if (loop_) loop_->drain();
    is_draining_ = true;
  }
  bool is_drained() const override { return is_draining_ && (!loop_ || loop_->is_idle()); }
  void stop(stack::Host&) override { loop_.reset(); }

 private:
  Main main_;
  LoopConfig config_;
  std::optional<Loop> loop_;
  bool is_draining_ = false;
};

}  // namespace weir::co
