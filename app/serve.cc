#include <weir/load/board.h>
#include <weir/load/server.h>

#include "run.h"

namespace weir::app {
namespace {

int run(run::ServeConfig config, const RunOptions& options) {
  load::Board board(config.serve, config.process.workers);
  const auto application = [&](unsigned worker) {
    return std::make_unique<load::Server>(board, worker, config.process.tcp);
  };
  const auto add_figures = [&](run::ControlSubject& subject) {
    subject.servers = [&board] { return board.snapshot(); };
  };
  return run_program(config.process,
                     {"serve",
                      application,
                      run::session_bytes(config),
                      add_figures,
                      {},
                      [&] { return run::load_serve_config(options.config).process; }},
                     options);
}

}  // namespace

int run_serve(const RunOptions& options) {
  return check_or_run<run::ServeConfig>(options, run::load_serve_config, run);
}

}  // namespace weir::app
