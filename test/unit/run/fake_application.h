// An application that only counts what the runtime asks of it.
#pragma once

#include <atomic>
#include <optional>

#include <weir/stack/application.h>

namespace weir::run {

struct FakeApplication final : stack::Application {
  void start(stack::Host& host) override {
    ++starts;
    stack::ListenerId id = stack::kNoListener;
    host.listen({.address = IpAddress::v4(be32{0}), .port = 80}, id);
  }
  void poll(stack::Host&) override { ++polls; }
  std::optional<Instant> next_deadline() const override { return deadline; }
  void drain(stack::Host&) override { ++drains; }
  bool is_drained() const override { return drains > 0 && may_drain; }
  void stop(stack::Host&) override { ++stops; }

  std::atomic<int> starts{0}, polls{0}, drains{0}, stops{0};
  std::atomic<bool> may_drain{true};
  std::optional<Instant> deadline;
};

}  // namespace weir::run
