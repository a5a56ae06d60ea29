// The life of a harness, and its time.
#include "harness_impl.h"

#include <stdexcept>

#include "start_eal.h"

namespace weir::testing {

namespace {

constexpr std::uint64_t kFarthestNs = std::uint64_t{1} << 62;  // 146 years
// Of one instant: a host that always has something due now would never let time pass.
constexpr unsigned kTurnsMax = 100'000;

stack::HostConfig config_of(const weir_settings& wanted) {
  stack::HostConfig config;
  config.connections = wanted.connections;
  config.half_open = wanted.half_open;
  config.time_wait_v4 = config.time_wait_v6 = wanted.time_wait;
  config.listeners = kListenersAndProfiles;
  config.defaults = wanted.tcp;
  config.seed = wanted.seed;
  Random random{wanted.seed};
  for (SipKey* secret : {&config.flow_secret, &config.isn_secret, &config.port_secret})
    *secret = {random.next(), random.next()};
  return config;
}

void on_flush(void* harness, std::span<rte_mbuf*> batch) {
  static_cast<weir_harness*>(harness)->collect(batch);
}

std::string next_pool_name() {
  static unsigned count = 0;
  return "weir-harness-" + std::to_string(count++);
}

bool advance_at_now(weir_harness& harness) {
  for (unsigned i = 0; i < kTurnsMax; ++i) {
    const bool more = harness.host->advance(harness.now);
    harness.outbox.flush();
    if (!more) return true;
  }
  return false;
}

bool advance(weir_harness& harness, Instant end) {
  unsigned turns = 0;
  while (true) {
    const auto deadline = harness.host->next_deadline();
    if (!deadline || *deadline > end) break;
    turns = *deadline > harness.now ? 0 : turns + 1;
    if (turns > kTurnsMax) return false;
    harness.now = std::max(harness.now, *deadline);
    if (!advance_at_now(harness)) return false;
  }
  harness.now = end;
  return advance_at_now(harness);
}

}  // namespace

}  // namespace weir::testing

using namespace weir::testing;

weir_harness::weir_harness(const weir_settings& wanted, const char* pool_name)
    : settings(wanted.tcp),
      packets(pool_name, wanted.packets, 0),
      outbox(&on_flush, this),
      host(std::make_unique<weir::stack::Host>(config_of(wanted), outbox, packets, now)) {}

weir_harness::~weir_harness() {
  weir::PacketPool::free({burst.data(), burst_count});
  outbox.flush();
}

extern "C" {

int weir_harness_new(const weir_settings* settings, weir_harness** harness) {
  if (harness == nullptr) return WEIR_E_ARGUMENT;
  if (!start_eal()) return WEIR_E_START;
  try {
    *harness = new weir_harness(settings != nullptr ? *settings : weir_settings{}, next_pool_name().c_str());
    return WEIR_OK;
  } catch (const std::exception&) {  // memory, of EAL's or the process's
    return WEIR_E_RESOURCES;
  }
}

int weir_harness_free(weir_harness* harness) {
  if (harness == nullptr) return 0;
  const std::unique_ptr<weir_harness> owned{harness};
  weir::PacketPool::free({harness->burst.data(), std::exchange(harness->burst_count, 0U)});
  harness->host.reset();
  harness->outbox.flush();
  return static_cast<int>(harness->packets.capacity() - harness->packets.available());
}

int weir_add_address(weir_harness* harness, const char* address, uint16_t mtu) {
  if (harness == nullptr || address == nullptr || mtu < 68 || mtu > 9216) return WEIR_E_ARGUMENT;
  const auto parsed = weir::IpAddress::parse(address);
  if (!parsed || !parsed->is_valid_source()) return WEIR_E_ADDRESS;
  harness->host->add_address(*parsed, mtu);
  return WEIR_OK;
}

uint64_t weir_now(const weir_harness* harness) {
  return harness == nullptr ? 0 : ns_of(harness->now);
}

int weir_advance(weir_harness* harness, uint64_t to_ns) {
  if (harness == nullptr || to_ns < ns_of(harness->now) || to_ns > kFarthestNs) return WEIR_E_ARGUMENT;
  const weir::Instant end{std::chrono::nanoseconds{static_cast<std::int64_t>(to_ns)}};
  return advance(*harness, end) ? WEIR_OK : WEIR_E_STATE;
}

int weir_next_deadline(const weir_harness* harness, uint64_t* at_ns) {
  if (harness == nullptr || at_ns == nullptr) return WEIR_E_ARGUMENT;
  const auto deadline = harness->host->next_deadline();
  if (!deadline) return 0;
  *at_ns = ns_of(std::max(*deadline, harness->now));
  return 1;
}

uint32_t weir_harness_abi() {
  return WEIR_HARNESS_ABI;
}

const char* weir_start_error() {
  return start_error().c_str();
}

}  // extern "C"
