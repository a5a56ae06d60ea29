// What a seed decides: the network and its weather, the hosts, and who talks to whom, how.
#pragma once

#include <vector>

#include <weir/tcp/settings.h>

#include "support/link.h"

namespace weir::testing {

enum class Ending : std::uint8_t {
  kWhenSent,   // shuts its direction down when everything is sent
  kAfterPeer,  // ... and when the peer's end was read
  kEarly,      // lets go of the connection at `ends_after` bytes, read or not
  kAbort,      // resets it then
};

struct EndPlan {
  std::uint32_t bytes = 0;         // to send
  std::uint32_t chunk = 65536;     // of one write
  Duration write_gap{};            // between writes
  std::uint32_t read_at_most = 0;  // of one read; 0: all there is
  Duration read_gap{};             // between reads
  Duration first_read{};           // nothing is read before: the window fills
  Ending ending = Ending::kWhenSent;
  std::uint32_t ends_after = 0;  // bytes sent and received, for kEarly and kAbort
  bool echoes = false;           // sends back what it reads, by splice(); `bytes` does not count
  bool no_delay = false;
  bool keep_alive = false;
};

struct TalkPlan {
  unsigned from = 0, to = 0;  // hosts
  bool is_v4 = true;
  Duration start{};
  unsigned listener = 0;         // of host `to`
  unsigned profile = 0;          // of host `from`
  std::uint16_t local_port = 0;  // 0: the host's choice
  bool near_wrap = false;        // picks a port from which sequence numbers wrap soon
  bool is_simultaneous = false;  // both open, from and to fixed ports
  int after = -1;                // starts when this talk is over, from the same port: TIME-WAIT is met again
  EndPlan opener, acceptor;
};

enum class MishapKind : std::uint8_t { kPause, kClockJump, kShortage, kMtu, kBlackHole, kDown, kStopListening };

// Something that happens to a host or to its link, and for how long.
struct Mishap {
  MishapKind kind = MishapKind::kPause;
  unsigned host = 0;
  Duration at{}, lasts{};
  std::uint32_t amount = 0;  // MTU; packets left in the pool; the listener
};

struct HostPlan {
  LinkSettings link;  // towards it
  tcp::Settings defaults;
  std::vector<tcp::Settings> listeners, profiles;
  std::uint32_t backlog = 1024;
};

struct Plan {
  static constexpr unsigned kHostsMax = 4;

  Instant start{};  // of time: near a wrap of some clock, or not
  std::vector<HostPlan> hosts;
  std::vector<TalkPlan> talks;
  std::vector<Mishap> mishaps;
  bool may_time_out = false;  // retries are few, or the user's patience is short
};

Plan draw_plan(std::uint64_t seed);
tcp::Settings draw_settings(Random& random);

}  // namespace weir::testing
