// Initial sequence numbers (RFC 6528) and timestamp offsets (RFC 7323 §5.4): the two halves of a keyed hash of the
// 4-tuple.
#include <weir/tcp/handshake.h>

namespace weir::tcp {

namespace {

std::uint64_t hash(const FlowKey& key, const SipKey& secret) {
  const SipTail ports{key.ports(), 6};
  if (key.remote.is_v4()) return siphash24(secret, ports, key.remote.low());
  return siphash24(secret, ports, key.remote.low(), key.remote.high());
}

}  // namespace

FlowNumbers flow_numbers(const Context& context, const FlowKey& key) {
  const std::uint64_t keyed = hash(key, context.isn_secret);
  // MUST-8: a clock of 4 us a step, so that a later connection of the same 4-tuple starts further on.
  const auto clock = static_cast<std::uint64_t>(context.now.time_since_epoch().count()) / 4000;
  return {SeqNum{static_cast<std::uint32_t>(clock + keyed)}, static_cast<std::uint32_t>(keyed >> 32)};
}

SeqNum initial_sequence_number(const Context& context, const FlowKey& key) {
  return flow_numbers(context, key).isn;
}

std::uint32_t timestamp_offset(const Context& context, const FlowKey& key) {
  return flow_numbers(context, key).timestamp_offset;
}

}  // namespace weir::tcp
