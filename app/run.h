// Runs a program from its configuration to its end: the same for every program but for its application.
#pragma once

#include <functional>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <weir/run/config.h>
#include <weir/run/forecast.h>
#include <weir/run/process.h>

#include "commands.h"

namespace weir::app {

struct Program {
  std::string name;  // "lb"
  std::function<std::unique_ptr<stack::Application>(unsigned worker)> application;
  std::uint64_t session_bytes = 0;
  std::function<void(run::ControlSubject&)> add_figures;  // what the control socket shows besides the process
  // Runs on a thread of its own while the process does; ends when that is no longer "starting" or "running".
  std::function<void(run::Process&)> beside = {};
  // The configuration file again; throws what is wrong with it.
  std::function<run::ProcessConfig()> reread = {};
};

// Ends when the process does; returns the exit code.
int run_program(const run::ProcessConfig& config, const Program& program, const RunOptions& options);

// Reads the configuration; then says what it will take (--check), or runs it.
template <typename Config>
int check_or_run(const RunOptions& options, Config (*load)(const std::string&), int (*run)(Config, const RunOptions&)) {
  try {
    Config config = load(options.config);
    if (!options.check) return run(std::move(config), options);
    fmt::print("{}: ok\n{}", options.config, run::summary(config));
    return kDone;
  } catch (const run::ConfigError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return kUnusable;
  }
}

}  // namespace weir::app
