// weir-link: two interfaces joined by a link of given rate, delay, queue, loss, reordering and duplication.
#include <iostream>

#include <sched.h>

#include <CLI/CLI.hpp>

#include "relay.h"

namespace {

// Frames are to leave on time beside whatever else the machine does. Without the right to it, they leave as they can.
void ask_for_priority() {
  sched_param priority{};
  priority.sched_priority = 1;
  sched_setscheduler(0, SCHED_FIFO, &priority);
}

int relay(const weir::link::RelaySettings& settings) {
  try {
    weir::link::Relay relay(settings);
    ask_for_priority();
    std::cout << "ready" << std::endl;
    relay.run();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "weir-link: " << error.what() << "\n";
    return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App program(
      "Joins two interfaces as a link would. Says \"ready\", then counts in JSON at SIGUSR1 and at its end.");
  weir::link::RelaySettings settings;
  std::string to_right, to_left;
  program.add_option("--left", settings.left, "interface")->required();
  program.add_option("--right", settings.right, "interface")->required();
  program.add_option("--to-right", to_right,
                     "rate=MBIT,delay=MS,queue=PACKETS,loss=%,burst=PACKETS,reorder=%,late=MS,duplicate=%,mark=%");
  program.add_option("--to-left", to_left, "the same of the other direction");
  program.add_option("--seed", settings.seed, "of everything that is left to chance");
  CLI11_PARSE(program, argc, argv);
  try {
    settings.to_right = weir::link::parse_path(to_right);
    settings.to_left = weir::link::parse_path(to_left);
  } catch (const std::invalid_argument& error) {
    std::cerr << "weir-link: " << error.what() << "\n";
    return 2;
  }
  return relay(settings);
}
