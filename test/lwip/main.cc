// weir-lwip: lwIP as a peer for Weir, client or server, on an interface that the kernel leaves alone.
#include <functional>
#include <iostream>

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "interface.h"
#include "talk.h"

namespace {

using weir::lwip::Outcome;

struct Arguments {
  weir::lwip::InterfaceSettings interface;
  std::string address, request;
  std::uint16_t port = 0;
  std::size_t bytes = 0;
};

// The closing handshake, and answers out of TIME-WAIT, are lwIP's business until somebody ends the process.
void stay() {
  while (true) pause();
}

void tell(const Outcome& outcome) {
  std::cout << nlohmann::json{{"error", outcome.error},
                              {"sent", outcome.sent},
                              {"received", outcome.received},
                              {"as_expected", outcome.as_expected}}
            << std::endl;
  stay();
}

void add_mode(CLI::App& program, Arguments& arguments, const std::string& name, const std::string& what,
              std::function<void()> run) {
  CLI::App* mode = program.add_subcommand(name, what);
  const bool is_server = name.starts_with("serve");
  if (!is_server) mode->add_option("address", arguments.address)->required();
  mode->add_option("port", arguments.port)->required();
  if (name != "serve-echo") mode->add_option("bytes", arguments.bytes)->required();
  if (name == "fetch") mode->add_option("request", arguments.request)->required();
  mode->callback([&arguments, run = std::move(run)] {
    weir::lwip::start(arguments.interface);
    std::cout << "ready" << std::endl;
    run();
  });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App program("lwIP as a peer: says \"ready\", then, as a client, how it went. Stays until it is ended.");
  Arguments its;
  program.add_option("--interface", its.interface.name)->required();
  program.add_option("--v4", its.interface.v4, "address, /24")->required();
  program.add_option("--v6", its.interface.v6, "address, /64")->required();
  program.require_subcommand(1);
  add_mode(program, its, "echo", "sends, and reads it back",
           [&] { tell(weir::lwip::echo(its.address, its.port, its.bytes)); });
  add_mode(program, its, "fetch", "sends a request, and reads at least so many bytes to the end",
           [&] { tell(weir::lwip::fetch(its.address, its.port, its.request, its.bytes)); });
  add_mode(program, its, "serve-echo", "sends back what comes", [&] { weir::lwip::serve_echo(its.port); });
  add_mode(program, its, "serve-source", "sends so many bytes and closes",
           [&] { weir::lwip::serve_source(its.port, its.bytes); });
  add_mode(program, its, "serve-http", "answers a request with so many bytes and closes",
           [&] { weir::lwip::serve_http(its.port, its.bytes); });
  try {
    CLI11_PARSE(program, argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "weir-lwip: " << error.what() << "\n";
    return 1;
  }
}
