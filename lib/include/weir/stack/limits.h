// What an operator allows the clients of a group of listeners (a service's): who may come in, how many, how fast.
// Plain values, of the whole process: each host enforces its worker's share.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include <weir/flow/prefix_list.h>
#include <weir/stack/drop_reason.h>

namespace weir::stack {

inline constexpr std::uint16_t kNoLimits = 0xffff;  // instead of a group's number

// 0 is no limit.
struct Limits {
  std::uint32_t connections = 0;  // open at once, from the end of the handshake until CLOSED or TIME-WAIT
  std::uint32_t connections_per_second = 0;
  std::uint32_t source_connections = 0;  // the same of one source prefix
  std::uint32_t source_connections_per_second = 0;
  std::uint8_t source_prefix_v4 = 32;  // how long that is, 1..32
  std::uint8_t source_prefix_v6 = 64;  // ... 1..128
  bool resets = false;                 // what is refused is answered by RST, not by silence
  std::shared_ptr<const PrefixList> list{};

  bool has_source_limit() const { return source_connections != 0 || source_connections_per_second != 0; }
  bool is_empty() const {
    return connections == 0 && connections_per_second == 0 && !has_source_limit() && list == nullptr;
  }
  bool operator==(const Limits& other) const;  // lists by what they hold
};

// Why a client is refused, in the order in which it is looked at.
inline constexpr std::array kLimitReasons{DropReason::kSourceDenied, DropReason::kSourceConnectionLimit,
                                          DropReason::kSourceRateLimit, DropReason::kConnectionLimit,
                                          DropReason::kRateLimit};

// Of one group on one core; counts since start.
struct LimitStatus {
  Limits in_force{};         // of the whole process, without the list
  std::uint32_t listed = 0;  // prefixes in that
  std::uint32_t open = 0;    // connections that count
  std::array<std::uint64_t, kLimitReasons.size()> refused{};
  std::uint64_t uncounted = 0;  // let in without being counted by source: no room for one more
};

}  // namespace weir::stack
