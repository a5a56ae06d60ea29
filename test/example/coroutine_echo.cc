// The echo server of echo_server.cc (RFC 862), one coroutine per connection:
//   coroutine_echo net_af_packet0,iface=eth1 192.0.2.2/24
#include <weir/co/program.h>
#include <weir/weir.h>
#include <cstdio>

using namespace weir;

// Every `co_await` is where other connections get their turn. What came goes back without being copied.
co::Task<> echo(co::Connection connection) {
  while (Packet bytes = co_await connection.read()) {
    if (!co_await connection.write(std::move(bytes))) break;
  }
}  // here the connection is closed

co::Task<> accept_all(co::Loop& loop, IpAddress address) {
  stack::ListenerId listener;
  const auto error = loop.listen({.address = address, .port = 7}, listener);
  if (error != stack::CallError::kNone) co_return static_cast<void>(std::fprintf(stderr, "%s\n", to_string(error)));
  while (co::Connection connection = co_await loop.accept(listener)) loop.start(echo(std::move(connection)));
}

co::Task<> serve(co::Loop& loop) {  // all addresses, of either family
  loop.start(accept_all(loop, IpAddress::v4(be32{0})));
  loop.start(accept_all(loop, IpAddress{}));
  co_return;
}

int main(int argc, char** argv) try {
  if (argc != 3) return std::fprintf(stderr, "usage: %s DEVICE ADDRESS/LENGTH\n", argv[0]), 2;
  run::ProcessConfig config;
  config.name = "coecho";
  config.idle_sleep_us = 100;
  config.ports = {{.device = argv[1], .addresses = {Prefix::parse(argv[2]).value()}}};
  run::Process process(config, {.application = [](unsigned) { return std::make_unique<co::Program>(serve); }});
  process.run();  // until SIGTERM or SIGINT, and the last connection's end
} catch (const std::exception& error) {
  return std::fprintf(stderr, "%s\n", error.what()), 1;
}
