#include <weir/balance/scheduler.h>

#include <algorithm>

namespace weir::balance {

bool Request::was_tried(std::size_t backend) const {
  return std::ranges::find(tried, static_cast<std::uint16_t>(backend)) != tried.end();
}

std::unique_ptr<Scheduler> make_scheduler(const Board& board, std::size_t service, unsigned worker) {
  const ServiceConfig& config = board.config().services[service];
  switch (config.scheduler) {
    case SchedulerKind::kLeastConnections:
      return std::make_unique<LeastConnections>(board.backends(service), worker);
    case SchedulerKind::kMaglev:
      return std::make_unique<Maglev>(board.backends(service), *board.maglev(service), config.maglev_key);
    case SchedulerKind::kRoundRobin:
      break;
  }
  return std::make_unique<RoundRobin>(board.backends(service), worker);
}

}  // namespace weir::balance
