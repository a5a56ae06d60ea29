#include <weir/balance/scheduler.h>

namespace weir::balance {

bool Maglev::may_take(std::uint16_t backend, const Request& request) const {
  return backend < backends_.size() && backends_[backend].is_usable() && !request.was_tried(backend);
}

std::optional<std::uint16_t> Maglev::any_from(std::uint64_t start, const Request& request) const {
  for (std::size_t k = 0; k < backends_.size(); ++k) {
    const auto backend = static_cast<std::uint16_t>((start + k) % backends_.size());
    if (may_take(backend, request)) return backend;
  }
  return {};
}

std::optional<std::uint16_t> Maglev::choose(const Request& request) {
  std::uint64_t hash = siphash13(key_, request.client.high(), request.client.low());
  for (unsigned k = 0; k < kRehashMax; ++k) {
    if (const std::uint16_t backend = table_.at(hash); may_take(backend, request)) return backend;
    hash = siphash13(key_, hash);
  }
  return any_from(hash, request);
}

}  // namespace weir::balance
