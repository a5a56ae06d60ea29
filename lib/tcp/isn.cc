// Initial sequence numbers (RFC 6528) and timestamp offsets (RFC 7323 §5.4): keyed hashes of the 4-tuple.
#include <weir/tcp/handshake.h>

namespace weir::tcp {

namespace {

std::uint64_t hash(const FlowKey& key, const SipKey& secret) {
  const std::uint64_t ports =
      std::uint64_t{key.remote_port} << 32 | std::uint64_t{key.local_port} << 16 | key.local_address;
  return siphash24(secret, ports, key.remote.low(), key.remote.high());
}

}  // namespace

SeqNum initial_sequence_number(const Context& context, const FlowKey& key) {
  // MUST-8: a clock of 4 us a step, so that a later connection of the same 4-tuple starts further on.
  const auto clock = static_cast<std::uint64_t>(context.now.time_since_epoch().count()) / 4000;
  return SeqNum{static_cast<std::uint32_t>(clock + hash(key, context.isn_secret))};
}

std::uint32_t timestamp_offset(const Context& context, const FlowKey& key) {
  return static_cast<std::uint32_t>(hash(key, context.timestamp_secret));
}

}  // namespace weir::tcp
