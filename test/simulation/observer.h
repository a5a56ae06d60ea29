// Watches the wire and keeps a book of its own about every connection: what each end has been told, what it may
// therefore send, and whether it does. Shares nothing with lib/tcp.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/simulation.h"

namespace weir::testing {

// One end of a connection as the wire shows it.
struct WireEnd {
  // What it said of itself.
  bool has_begun = false;
  // A connection of before had the same number: what it says, and what its peer has heard of it, may be of either.
  bool is_ambiguous = false;
  // Which connection of its peer's it has heard of is not known: what depends on that is not judged.
  bool is_unclear = false;
  unsigned peers = 0;                // connections of its peer's that it may have heard of
  std::optional<SeqNum> answered{};  // by its SYN-ACK
  bool has_said_more = false;        // than SYNs without ACK
  std::vector<SeqNum> offers{};      // numbers of all its SYN-ACKs: a cookie among them may open a connection later
  SeqNum iss{};
  std::optional<WindowScale> scale{};
  bool offers_sack = false, offers_timestamps = false;
  std::optional<std::uint16_t> mss{};
  std::vector<std::uint8_t> stream{};  // as first sent, from iss + 1
  std::optional<SeqNum> fin{};
  std::optional<SeqNum> acknowledged{};  // greatest ACK it sent
  std::optional<SeqNum> offered_edge{};  // rightmost edge of the windows it offered
  std::uint64_t bare_acks = 0;
  // What has reached it.
  std::optional<SeqNum> heard_edge{};   // rightmost window edge offered to it
  std::optional<SeqNum> heard_until{};  // one past the last byte, SYN or FIN of its peer's
  std::uint64_t heard_to_answer = 0;    // segments that ask for an ACK
  bool has_heard_fin = false;

  bool has_streamed() const { return !stream.empty() || fin; }
  SeqNum next() const { return iss + 1 + static_cast<std::uint32_t>(stream.size()) + (fin ? 1U : 0U); }
};

struct WireCounts {
  std::uint64_t segments = 0, bytes = 0, bytes_again = 0, resets = 0, zero_windows = 0, wraps = 0, probes = 0,
                sack_blocks = 0, simultaneous_opens = 0, ecn_capable = 0;
};

class Observer {
 public:
  static constexpr std::size_t kFaultsMax = 5;
  // An ACK for every segment that asks for one, window updates, challenges; more would be two ends answering each
  // other.
  static constexpr std::uint64_t kBareAcksFree = 200;

  void on_sent(const Sighting& sighting);
  void on_delivered(const Sighting& sighting);
  // An application has read: a window update may follow.
  void on_read() { ++reads_; }

  const std::vector<std::string>& faults() const { return faults_; }
  const WireCounts& counts() const { return counts_; }

 private:
  struct Key {
    Endpoint from, to;
    auto operator<=>(const Key&) const = default;
  };
  static Key key_of(const Sighting& s) {
    return {{s.ip.source, s.segment.source_port}, {s.ip.destination, s.segment.destination_port}};
  }
  WireEnd& end_of(const Key& key) { return ends_[key]; }

  void begin_if_new(WireEnd& own, WireEnd& peer, const Segment& syn);
  void begin(WireEnd& own, WireEnd& peer, const Segment& syn);
  void check_size(const WireEnd& own, const WireEnd& peer, const Sighting& s);
  void check_text(WireEnd& own, const Sighting& s);
  void check_window(const WireEnd& own, const Sighting& s);
  void check_fin(WireEnd& own, const Sighting& s);
  void check_ack(WireEnd& own, const Sighting& s);
  void check_offer(WireEnd& own, const WireEnd& peer, const Sighting& s);
  void check_options(const WireEnd& own, const WireEnd& peer, const Sighting& s);
  void check_ecn(const WireEnd& own, const Sighting& s);
  void check_bare_acks(WireEnd& own, const Sighting& s);
  void fault(const Sighting& s, const std::string& what);

  std::map<Key, WireEnd> ends_;
  std::vector<std::string> faults_;
  WireCounts counts_;
  std::uint64_t reads_ = 0;
};

}  // namespace weir::testing
