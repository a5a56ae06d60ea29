// How a listener stands towards floods of SYNs, as others see it. docs/overload.md says what moves it.
#pragma once

#include <cstdint>
#include <vector>

#include <weir/base/instant.h>
#include <weir/flow/source_sketch.h>
#include <weir/tcp/settings.h>
#include <weir/wire/address.h>

namespace weir::stack {

enum class DefenceState : std::uint8_t {
  kQuiet,
  kCautious,  // records of new handshakes are given up sooner
  kAttacked,  // no records for new handshakes: SYN cookies
};
const char* to_string(DefenceState state);  // "quiet", "cautious", "attacked"

enum class DefenceReason : std::uint8_t {
  kCalm,              // nothing above its threshold
  kConfigured,        // syn_cookies = "always"
  kHalfOpen,          // handshakes under way
  kHalfOpenFull,      // no record was left for one more
  kSynRate,           // SYNs per second
  kFailedHandshakes,  // ... most of which nobody answers
};
const char* to_string(DefenceReason reason);  // "calm", "configured", "half-open", "half-open full", "SYN rate", ...

// Of one listener on one core, since it began to listen.
struct DefenceCounts {
  std::uint64_t syns = 0;  // of new handshakes
  std::uint64_t cookies_sent = 0, cookies_accepted = 0;
  // Refused: no cookie of ours, of this client, of this slot or the last; and one that has opened its connection.
  std::uint64_t cookies_wrong = 0, cookies_spent = 0;
};

// Of one listener on one core.
struct DefenceStatus {
  Endpoint listen{};  // the unspecified address: all of a family
  tcp::SynCookieUse use = tcp::SynCookieUse::kAuto;
  DefenceState state = DefenceState::kQuiet;
  DefenceReason reason = DefenceReason::kCalm;
  Instant since{};
  std::uint32_t half_open = 0;
  // Per second, lately.
  std::uint32_t syns = 0, cookies_sent = 0, cookies_accepted = 0, cookies_refused = 0;
  DefenceCounts counts{};
  std::vector<TopSource>
      top_sources{};  // that most SYNs come from while the state is not quiet, as far as some stand out
};

}  // namespace weir::stack
