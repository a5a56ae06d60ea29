#include <weir/load/board.h>

#include <utility>

namespace weir::load {
namespace {

void add(ServerStatus& sum, const ServerCounts& counts) {
  sum.open += counts.open.value();
  sum.total += counts.total.value();
  sum.requests += counts.requests.value();
  sum.bad_requests += counts.bad_requests.value();
  sum.bytes_in += counts.bytes_in.value();
  sum.bytes_out += counts.bytes_out.value();
  sum.resets += counts.resets.value();
  sum.idle_timeouts += counts.idle_timeouts.value();
  sum.no_resources += counts.no_resources.value();
}

}  // namespace

Board::Board(ServeConfig config, unsigned workers)
    : config_(std::move(config)),
      workers_(workers),
      counts_(std::make_unique<ServerCounts[]>(config_.servers.size() * workers)) {}

std::vector<ServerStatus> Board::snapshot() const {
  std::vector<ServerStatus> result;
  for (std::size_t server = 0; server < config_.servers.size(); ++server) {
    const ServerConfig& config = config_.servers[server];
    ServerStatus& status = result.emplace_back();
    status.name = config.name;
    status.kind = config.kind;
    status.listen = config.listen;
    for (unsigned worker = 0; worker < workers_; ++worker) {
      add(status, counts_[worker * config_.servers.size() + server]);
    }
  }
  return result;
}

}  // namespace weir::load
