// A program that has started DPDK's EAL itself, and lets Weir serve on one of its lcores:
//   own_eal --lcores 0@0,1@0 --no-huge --no-pci --no-shconf -m 512 -- net_af_packet0,iface=eth1 192.0.2.2/24
#include <rte_eal.h>
#include <rte_lcore.h>
#include <weir/co/program.h>
#include <weir/weir.h>
#include <cstdio>

using namespace weir;

co::Task<> discard(co::Connection connection) {
  while (Packet bytes = co_await connection.read()) continue;
}

co::Task<> serve(co::Loop& loop) {
  stack::ListenerId listener;
  if (loop.listen({.address = IpAddress::v4(be32{0}), .port = 9}, listener) != stack::CallError::kNone) co_return;
  while (co::Connection connection = co_await loop.accept(listener)) loop.start(discard(std::move(connection)));
}

// What Weir says goes where this program wants it.
void log_line(void*, run::LogLevel, std::string_view line) {
  std::printf("said: %.*s\n", static_cast<int>(line.size()), line.data());
  std::fflush(stdout);
}

int main(int argc, char** argv) try {
  const int used = rte_eal_init(argc, argv);
  if (used < 0 || argc - used != 3) return std::fprintf(stderr, "usage: own_eal EAL-ARGUMENTS -- DEVICE ADDRESS\n"), 2;
  run::ProcessConfig config;
  config.idle_sleep_us = 100;
  config.packets = 16384;
  config.ports = {{.device = argv[used + 1], .addresses = {Prefix::parse(argv[used + 2]).value()}}};
  {
    run::Process process(config, {.application = [](unsigned) { return std::make_unique<co::Program>(serve); },
                                  .log = {.line = &log_line}});
    process.run();  // until SIGTERM
  }
  std::printf("EAL has %u lcores still\n", rte_lcore_count());
  return rte_eal_cleanup();
} catch (const Error& error) {
  return std::fprintf(stderr, "%s\n", error.what()), 1;
}
