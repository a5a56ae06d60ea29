// Why a call of the application was refused (RFC 9293 §3.10). Also a std::error_code, for programs that carry those.
#pragma once

#include <cstdint>
#include <system_error>

namespace weir::stack {

enum class CallError : std::uint8_t {
  kNone,
  kStaleId,
  kAddressInUse,  // listen: there is a listener on address:port; connect: such a connection exists
  kNotLocal,      // address is not one of this host's
  kBadAddress,    // multicast, broadcast, unspecified peer, port 0 (MUST-46)
  kNoPorts,       // no free source port towards this peer
  kNoResources,   // state or packets are used up
  kBadState,      // the host was not configured for it
  kClosing,       // RFC 9293 "connection closing": this direction was closed before
  kEnded,         // RFC 9293 "connection does not exist": it is CLOSED, and only the id is still held
  kBadOption,     // a value out of its range
};
const char* to_string(CallError error);

// "weir.call": values are those of CallError, 0 is success. Comparable to std::errc where there is one of that meaning.
const std::error_category& call_category();
inline std::error_code make_error_code(CallError error) {
  return {static_cast<int>(error), call_category()};
}

}  // namespace weir::stack

template <>
struct std::is_error_code_enum<weir::stack::CallError> : std::true_type {};
