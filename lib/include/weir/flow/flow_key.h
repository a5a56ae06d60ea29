// A connection's name: the 4-tuple as seen from here, with the local address as an index (the flow hash's input).
#pragma once

#include <cstdint>

#include <weir/base/siphash.h>
#include <weir/wire/address.h>

namespace weir {

struct FlowKey {
  IpAddress remote;
  std::uint16_t remote_port = 0;    // host order
  std::uint16_t local_port = 0;     // host order
  std::uint16_t local_address = 0;  // index into LocalAddresses

  std::uint64_t ports() const {
    return std::uint64_t{remote_port} << 32 | std::uint64_t{local_port} << 16 | local_address;
  }
  bool operator==(const FlowKey& other) const { return remote == other.remote && ports() == other.ports(); }
};

// Keyed, so that chosen 4-tuples cannot build long chains (SipHash-1-3, a word shorter for IPv4).
// The same on every core of a process.
inline std::uint64_t flow_hash(const FlowKey& key, const SipKey& secret) {
  const SipTail ports{key.ports(), 6};
  if (key.remote.is_v4()) return siphash13(secret, ports, key.remote.low());
  return siphash13(secret, ports, key.remote.low(), key.remote.high());
}

}  // namespace weir
