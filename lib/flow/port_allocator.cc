#include <weir/flow/port_allocator.h>

#include <weir/base/check.h>
#include <weir/base/siphash.h>

namespace weir {
namespace {

// The lowest port from kFirstPort on that this worker owns by arithmetic.
std::uint32_t first_port(const PortSteering& steering) {
  WEIR_CHECK(steering.worker < steering.workers);
  if (steering.rss_predicted) return PortAllocator::kFirstPort;
  const std::uint32_t workers = steering.workers;
  return PortAllocator::kFirstPort + (steering.worker + workers - PortAllocator::kFirstPort % workers) % workers;
}

}  // namespace

PortAllocator::PortAllocator(const PortSteering& steering, SipKey secret, Random random)
    : is_predicted_(steering.rss_predicted),
      worker_(steering.worker),
      indirection_mask_(static_cast<std::uint16_t>(steering.indirection_size - 1)),
      first_(first_port(steering)),
      step_(steering.rss_predicted ? 1 : steering.workers),
      count_((65535 - first_) / step_ + 1),
      secret_(secret),
      indirection_(steering.indirection),
      toeplitz_(steering.rss_key) {
  WEIR_CHECK(!is_predicted_ || (steering.indirection_size <= 512 && steering.indirection_size > 0 &&
                                (steering.indirection_size & indirection_mask_) == 0));
  for (std::uint32_t& counter : counters_) counter = static_cast<std::uint32_t>(random.next());
}

PortAllocator::Search PortAllocator::start(const IpAddress& local, const Endpoint& remote) {
  const std::uint64_t keyed = siphash24(secret_, local.high(), local.low(), remote.address.high(), remote.address.low(),
                                        std::uint64_t{remote.port});
  return Search{.offset = static_cast<std::uint32_t>(keyed),
                .counter = &counters_[(keyed >> 32) % kCounters],
                .hash = is_predicted_ ? toeplitz_.without_port(remote, local) : 0,
                .family = local.family()};
}

std::uint16_t PortAllocator::predicted_queue(const Endpoint& remote, const Endpoint& local) const {
  return queue_for(toeplitz_.hash(remote, local));
}

}  // namespace weir
