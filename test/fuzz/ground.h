// What a fuzzer stands on: EAL, pools of packets that live as long as the process, and how a fault is told.
#pragma once

#include <string>

#include <weir/stack/host.h>

namespace weir::fuzz {

// The first call starts EAL. Free packets of these pools are poisoned: AddressSanitizer tells whoever touches one.
PacketPool& packets_of(unsigned host);

enum class Sending : std::uint8_t { kPlain, kUrgent, kLast };
// By the call that is named; returns what was taken.
std::uint32_t send(stack::Host& host, stack::ConnectionId id, std::span<const std::uint8_t> bytes, Sending how);

// Says what, and stops: libFuzzer keeps the input.
[[noreturn]] void fault(const std::string& what);
inline void expect(bool holds, const char* what) {
  if (!holds) fault(what);
}

// WEIR_FUZZ_TRACE=1 in the environment prints what happens, for who looks into an input.
bool is_tracing();
void trace(const std::string& what);

// Everything was let go of, and time ran on: no packet, record or timer may be left.
void expect_all_given_back(const stack::Host& host, const PacketPool& packets, const std::string& name);

}  // namespace weir::fuzz
