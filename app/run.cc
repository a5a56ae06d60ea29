#include "run.h"

#include <thread>

#include <weir/base/region.h>
#include <weir/nic/setup_error.h>
#include <weir/run/control.h>
#include <weir/run/control_server.h>
#include <weir/run/version.h>

#include "logging.h"

namespace weir::app {
namespace {

void log_line(void*, run::LogLevel level, std::string_view line) {
  spdlog::log(level_of(level), "{}", line);
}

run::ProcessOptions options_of(const Program& program, const RunOptions& options) {
  run::ProcessOptions process;
  process.application = program.application;
  process.session_bytes = program.session_bytes;
  process.log.line = &log_line;
  process.reread = program.reread;
  process.verbose = options.verbose;
  return process;
}

void run_until_end(const run::ProcessConfig& config, const Program& program, const RunOptions& options) {
  run::Process process(config, options_of(program, options));
  run::ControlSubject subject = process.control_subject(program.name);
  program.add_figures(subject);
  run::ControlServer control(config.control_socket,
                             [&](std::string_view request) { return run::answer(subject, request); });
  spdlog::info("control socket {}: weir ctl --socket {} status", config.control_socket.string(),
               config.control_socket.string());
  std::jthread beside;
  if (program.beside) beside = std::jthread([&] { program.beside(process); });
  process.run();
  spdlog::info("ended");
}

int report(int code, const std::exception& error) {
  spdlog::error("{}", error.what());
  return code;
}

}  // namespace

int run_program(const run::ProcessConfig& config, const Program& program, const RunOptions& options) {
  start_logging(config, options.verbose);
  spdlog::info("weir {} {}, configuration {}", program.name, run::version(), options.config);
  try {
    run_until_end(config, program, options);
    return kDone;
  } catch (const nic::SetupError& error) {
    return report(kUnusable, error);
  } catch (const OutOfMemory& error) {
    return report(kUnusable, error);
  } catch (const std::exception& error) {
    return report(kFailed, error);
  }
}

}  // namespace weir::app
