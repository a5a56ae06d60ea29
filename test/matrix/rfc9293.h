// RFC 9293 §3.10.7 "SEGMENT ARRIVES", transcribed as an executable table with types of its own: it shares nothing
// with the stack that it judges. Where docs/rfc.md records a decision that differs, or the RFC leaves a choice, the
// outcome lists every permitted answer.
#pragma once

#include <cstdint>
#include <vector>

namespace rfc9293 {

enum class State {
  kClosed,
  kListen,
  kSynSent,
  kSynReceivedPassive,
  kSynReceivedActive,
  kEstablished,
  kFinWait1,
  kFinWait2,
  kCloseWait,
  kClosing,
  kLastAck,
  kTimeWait,
};

struct Variables {
  State state = State::kClosed;
  std::uint32_t iss = 0, irs = 0;
  std::uint32_t snd_una = 0, snd_nxt = 0, snd_wnd_max = 0;
  std::uint32_t rcv_nxt = 0, rcv_wnd = 0;
  bool fin_sent = false;  // snd_nxt counts our FIN
};

struct Arriving {
  std::uint32_t seq = 0, ack = 0, text = 0, window = 0;
  bool syn = false, has_ack = false, fin = false, rst = false, urg = false;

  std::uint32_t length() const { return text + (syn ? 1U : 0U) + (fin ? 1U : 0U); }
};

enum class Kind { kNothing, kAck, kReset, kResetAck, kSynAck };

struct Reply {
  Kind kind = Kind::kNothing;
  std::uint32_t seq = 0;  // of ACK, RST and RST|ACK; a SYN-ACK's is ours to choose in LISTEN and not compared
  std::uint32_t ack = 0;  // of ACK, RST|ACK and SYN-ACK
};

// Permitted replies and states; any pair of them.
struct Outcome {
  std::vector<Reply> replies;
  std::vector<State> states;
};

Outcome segment_arrives(const Variables& connection, const Arriving& segment);

}  // namespace rfc9293
