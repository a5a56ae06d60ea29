// A flight of ten segments on a path of 100 ms, SACK agreed on: what tests of loss recovery start from.
#pragma once

#include "support/tcp_fixture.h"

namespace weir::test {

class Flight : public ::testing::Test {
 protected:
  static constexpr std::int64_t kMss = 1460;

  // The numbers of these tests are NewReno's.
  static PeerOptions halving(PeerOptions options) {
    options.settings.congestion_control = tcp::CongestionControl::kNewReno;
    return options;
  }
  // `queued`: segments that the application hands over; ten of them go.
  explicit Flight(PeerOptions options = {.sack = true}, std::int64_t queued = 40, std::optional<SeqNum> iss = {})
      : peer(halving(options)), mss(options.timestamps ? kMss - 12 : kMss) {
    peer.open();
    if (iss) begin_at(*iss);
    peer.ignores_all();
    peer.advance(100);
    peer.says({.flags = "S.", .ack = 0});
    peer.ignores_all();
    if (queued > 0) peer.sends(static_cast<std::uint32_t>(queued * mss));
    for (std::int64_t i = 0; i < std::min<std::int64_t>(queued, 10); ++i) hears(i);
    peer.hears_nothing();
  }

  void begin_at(SeqNum iss) {
    peer.tcb.snd_una = iss;
    peer.tcb.snd_nxt = iss + 1;
    peer.set_iss(iss);
  }
  // Segments by number. The blocks of an ACK of `ack` segments.
  void sacks(std::vector<Range> segments, std::int64_t ack = 0) {
    for (Range& range : segments) range = {range.left * mss, range.right * mss};
    peer.says({.ack = ack * mss, .sack = segments});
  }
  void acks(std::int64_t segments) { sacks({}, segments); }
  void hears(std::int64_t segment) {
    peer.hears({.flags = ".", .seq = segment * mss, .length = static_cast<std::uint32_t>(mss)});
  }
  // The numbers of the segments that came.
  std::vector<std::int64_t> heard() {
    std::vector<std::int64_t> numbers;
    while (peer.heard() > 0) numbers.push_back(static_cast<std::int32_t>(peer.next().seq.since(peer.iss() + 1)) / mss);
    return numbers;
  }
  std::uint32_t segments(std::int64_t n) const { return static_cast<std::uint32_t>(n * mss); }

  Peer peer;
  std::int64_t mss;
};

using Segments = std::vector<std::int64_t>;

}  // namespace weir::test
