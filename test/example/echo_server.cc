// An echo server (RFC 862) on a NIC of its own:
//   echo_server net_af_packet0,iface=eth1 192.0.2.2/24
#include <weir/weir.h>
#include <cstdio>

using namespace weir;

// One object per core, called once per turn of the core's loop: never twice at the same time, so nothing is locked.
class Echo : public stack::Application {
 public:
  void start(stack::Host& host) override {
    for (std::size_t i = 0; i < 2; ++i) {  // all addresses, of either family
      const IpAddress any = i == 0 ? IpAddress::v4(be32{0}) : IpAddress{};
      const auto error = host.listen({.address = any, .port = 7}, listeners_[i]);
      if (error != stack::CallError::kNone) throw std::runtime_error(to_string(error));
    }
  }

  void poll(stack::Host& host) override {
    while (const auto event = host.next_event()) {
      if (event->listener != stack::kNoListener) {
        while (host.accept(event->listener)) ++open_;
      } else {
        echo(host, event->connection, event->what);
      }
    }
  }

  std::optional<Instant> next_deadline() const override { return {}; }  // no timers of our own
  void drain(stack::Host& host) override {
    for (const auto listener : listeners_) host.stop_listening(listener);
    draining_ = true;
  }
  bool is_drained() const override { return draining_ && open_ == 0; }
  void stop(stack::Host&) override {}

 private:
  void echo(stack::Host& host, stack::ConnectionId connection, std::uint8_t what) {
    while (host.splice(connection, connection) > 0) {  // what came goes back, without being copied
    }
    if ((what & tcp::kClosed) == 0 && !host.at_end(connection)) return;
    host.close(connection);  // an id is ours until we say so, whatever happened to the connection
    --open_;
  }

  stack::ListenerId listeners_[2] = {stack::kNoListener, stack::kNoListener};
  unsigned open_ = 0;
  bool draining_ = false;
};

int main(int argc, char** argv) try {
  if (argc != 3) return std::fprintf(stderr, "usage: %s DEVICE ADDRESS/LENGTH\n", argv[0]), 2;
  run::ProcessConfig config;
  config.name = "echo";
  config.idle_sleep_us = 100;
  config.ports = {{.device = argv[1], .addresses = {Prefix::parse(argv[2]).value()}}};
  run::Process process(config, {.application = [](unsigned) { return std::make_unique<Echo>(); }});
  process.run();  // until SIGTERM or SIGINT, and the last connection's end
} catch (const std::exception& error) {
  return std::fprintf(stderr, "%s\n", error.what()), 1;
}
