// What may be changed on a connection while it lives. All else of tcp::Settings (buffers, options of the SYN,
// congestion control, retries of the handshake) is chosen when it opens: by ListenOptions::settings or a profile.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include <weir/tcp/settings.h>

namespace weir::stack {

// What is not set stays as it is. Connections with equal settings share one set: their number is bounded
// (HostConfig::option_sets), that of the connections is not. no_delay and keep_alive take none.
struct ConnectionOptions {
  std::optional<bool> no_delay{};                                  // true: Nagle's algorithm off (MUST-17)
  std::optional<bool> keep_alive{};                                // MUST-24
  std::optional<std::chrono::milliseconds> keep_alive_idle{};      // 1 ms..24 days (MUST-27)
  std::optional<std::chrono::milliseconds> keep_alive_interval{};  // 1 ms..24 days
  std::optional<std::uint8_t> keep_alive_probes{};                 // 1..255
  std::optional<std::chrono::milliseconds> user_timeout{};         // RFC 5482; 0: retries decide; at most 24 days
  std::optional<std::uint8_t> data_retries{};                      // R2 (MUST-21), 1..30
  std::optional<std::chrono::milliseconds> delayed_ack{};          // 0..499 ms (MUST-40)
  std::optional<std::uint8_t> dscp{};                              // 0..63 (MUST-48, SHLD-21)
  std::optional<std::uint8_t> ttl{};                               // 1..255 (MUST-49)
  std::optional<bool> error_reports{};                             // false: no kSoftError, no kUrgent (SHLD-20)
};

// Applied to `settings`; false, and nothing changed, when a value is out of its range.
bool apply(const ConnectionOptions& options, tcp::Settings& settings);
// What the settings say, every field set.
ConnectionOptions options_of(const tcp::Settings& settings);

}  // namespace weir::stack
