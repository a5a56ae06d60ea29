#include <weir/load/places.h>

#include <weir/base/check.h>

namespace weir::load {

Places::Places(std::span<const Endpoint> targets, std::span<const IpAddress> sources, unsigned worker) {
  for (const IpAddress& source : sources) (source.is_v4() ? sources_v4_ : sources_v6_).push_back(source);
  for (const Endpoint& endpoint : targets) {
    WEIR_CHECK(!sources_of(endpoint).empty());
    targets_.push_back({endpoint, worker % sources_of(endpoint).size()});
  }
}

Places::Place Places::next() {
  Target& target = targets_[target_];
  const std::vector<IpAddress>& sources = sources_of(target.endpoint);
  const Place place{target.endpoint, sources[target.source]};
  target.source = target.source + 1 == sources.size() ? 0 : target.source + 1;
  target_ = target_ + 1 == targets_.size() ? 0 : target_ + 1;
  return place;
}

std::size_t Places::pairs() const {
  std::size_t sum = 0;
  for (const Target& target : targets_)
    sum += target.endpoint.address.is_v4() ? sources_v4_.size() : sources_v6_.size();
  return sum;
}

}  // namespace weir::load
