#include <weir/balance/board.h>
#include <weir/balance/proxy.h>
#include <weir/base/random.h>
#include <weir/run/clock.h>

#include "run.h"

namespace weir::app {
namespace {

// Who does not set a secret gets one that nobody can guess; nodes that are to choose alike must set the same.
void fill_secrets(balance::BalancerConfig& balancer) {
  for (balance::ServiceConfig& service : balancer.services) {
    if (service.maglev_key.k0 == 0 && service.maglev_key.k1 == 0) service.maglev_key = secret_key();
  }
}

int run(run::LbConfig config, const RunOptions& options) {
  fill_secrets(config.balancer);
  balance::Board board(config.balancer, config.process.workers, run::monotonic_now());
  const auto application = [&](unsigned worker) {
    return std::make_unique<balance::Proxy>(board, worker, config.process.tcp, secret_seed());
  };
  const auto add_figures = [&](run::ControlSubject& subject) {
    subject.services = [&board] { return board.snapshot(); };
    for (const std::string& line : run::describe_source_ports(config)) spdlog::info("{}", line);
  };
  return run_program(config.process,
                     {"lb",
                      application,
                      run::session_bytes(config),
                      add_figures,
                      {},
                      [&] { return run::load_lb_config(options.config).process; }},
                     options);
}

}  // namespace

int run_lb(const RunOptions& options) {
  return check_or_run<run::LbConfig>(options, run::load_lb_config, run);
}

}  // namespace weir::app
