// The segment-arrives matrix: every state x kind of segment x sequence position x acknowledgment position x payload
// x window is put before a host, and what it does is compared with rfc9293.cc.
#include <gtest/gtest.h>

#include "matrix/rfc9293.h"
#include "support/raw_peer.h"
#include "support/simulation.h"

namespace weir::testing {
namespace {

using rfc9293::Arriving;
using rfc9293::Kind;
using rfc9293::Outcome;
using rfc9293::Reply;
using Rfc = rfc9293::State;

constexpr std::uint32_t kWindow = 1024;      // the host's receive window
constexpr std::uint32_t kPeerWindow = 4096;  // ours, as the peer
constexpr std::uint32_t kInFlight = 100;     // bytes the host has sent and we have not acknowledged

struct FlagSet {
  const char* name;
  bool syn, ack, fin, rst, urg;
};
constexpr FlagSet kFlagSets[] = {
    {"SYN", true, false, false, false, false},    {"SYN+ACK", true, true, false, false, false},
    {"SYN+FIN", true, false, true, false, false}, {"ACK", false, true, false, false, false},
    {"FIN", false, false, true, false, false},    {"FIN+ACK", false, true, true, false, false},
    {"RST", false, false, false, true, false},    {"RST+ACK", false, true, false, true, false},
    {"none", false, false, false, false, false},  {"URG+ACK", false, true, false, false, true},
    {"all", true, true, true, true, true},
};

const char* name_of(Rfc state) {
  static constexpr const char* names[] = {
      "Closed",      "Listen",   "SynSent",  "SynReceivedPassive", "SynReceivedActive",
      "Established", "FinWait1", "FinWait2", "CloseWait",          "Closing",
      "LastAck",     "TimeWait"};
  return names[static_cast<int>(state)];
}

// One connection brought into a state by playing packets, with the variables as the RFC names them.
class Scene {
 public:
  Scene(RawPeer& peer, stack::ListenerId listener, std::uint16_t port, std::uint32_t irs)
      : peer_(peer), listener_(listener), port_(port) {
    v.irs = irs;
    v.rcv_wnd = kWindow;
    v.snd_wnd_max = kPeerWindow;
  }

  void bring_to(Rfc state) {
    v.state = state;
    peer_.take();
    if (state == Rfc::kClosed) {
      host_port_ = 9;
      return arbitrary();
    }
    if (state == Rfc::kListen) return arbitrary();
    if (state == Rfc::kSynSent || state == Rfc::kSynReceivedActive) return open_actively(state);
    open_passively();
    if (state == Rfc::kSynReceivedPassive) return;
    establish();
    const bool we_close_first =
        state == Rfc::kFinWait1 || state == Rfc::kFinWait2 || state == Rfc::kClosing || state == Rfc::kTimeWait;
    if (we_close_first) host_closes();
    if (state == Rfc::kFinWait2 || state == Rfc::kTimeWait) peer_acknowledges_all();
    if (state == Rfc::kCloseWait || state == Rfc::kLastAck || state == Rfc::kClosing || state == Rfc::kTimeWait)
      peer_closes();
    if (state == Rfc::kLastAck) host_closes();
    peer_.take();
  }

  void put(const FlagSet& flags, const Arriving& a, std::uint16_t window) {
    Segment s = make(a.seq, flags_of(flags), a.ack);
    s.window = UnscaledWindow{window};
    peer_.send(s, std::vector<std::uint8_t>(a.text, 'x'));
  }

  Rfc state_now() const {
    const bool half_open = peer_.host().connections_in(tcp::State::kSynReceived) > 0;
    if (v.state == Rfc::kTimeWait && half_open) return Rfc::kSynReceivedPassive;  // opened anew
    const auto info = id_ ? peer_.host().info(id_) : std::nullopt;
    if (info) return from_stack(info->state);
    if (v.state == Rfc::kClosed) return Rfc::kClosed;
    if (half_open) return Rfc::kSynReceivedPassive;
    return peer_.host().connections_in(tcp::State::kEstablished) + peer_.host().connections_in(tcp::State::kCloseWait) >
                   0
               ? accepted_now()
               : Rfc::kListen;
  }

  void end() {
    if (id_) peer_.host().abort(id_);
    while (auto id = peer_.host().accept(listener_)) peer_.host().abort(*id);
    for (const std::uint32_t seq : {v.rcv_nxt, v.irs + 1, reset_seq}) peer_.send(make(seq, kRst, 0));
    while (peer_.host().next_event()) {
    }
  }

  rfc9293::Variables v;
  std::uint32_t reset_seq = 0;  // what resets a half-open record that the case itself made

 private:
  static std::uint8_t flags_of(const FlagSet& f) {
    return static_cast<std::uint8_t>((f.syn ? kSyn : 0) | (f.ack ? kAck : 0) | (f.fin ? kFin : 0) | (f.rst ? kRst : 0) |
                                     (f.urg ? kUrg : 0));
  }
  static Rfc from_stack(tcp::State state) {
    switch (state) {
      case tcp::State::kSynSent:
        return Rfc::kSynSent;
      case tcp::State::kSynReceived:
        return Rfc::kSynReceivedActive;
      case tcp::State::kEstablished:
        return Rfc::kEstablished;
      case tcp::State::kFinWait1:
        return Rfc::kFinWait1;
      case tcp::State::kFinWait2:
        return Rfc::kFinWait2;
      case tcp::State::kCloseWait:
        return Rfc::kCloseWait;
      case tcp::State::kClosing:
        return Rfc::kClosing;
      case tcp::State::kLastAck:
        return Rfc::kLastAck;
      case tcp::State::kTimeWait:
        return Rfc::kTimeWait;
      default:
        return Rfc::kClosed;
    }
  }
  Rfc accepted_now() const {
    const auto id = peer_.host().accept(listener_);
    if (!id) return Rfc::kListen;
    const auto state = from_stack(peer_.host().info(*id)->state);
    peer_.host().abort(*id);
    return state;
  }
  Segment make(std::uint32_t seq, std::uint8_t flags, std::uint32_t ack) const {
    Segment s;
    s.source_port = port_;
    s.destination_port = host_port_;
    s.seq = SeqNum{seq};
    s.ack = SeqNum{ack};
    s.flags = flags;
    s.window = UnscaledWindow{kPeerWindow};
    return s;
  }
  // Nothing is known of the flow: any numbers do.
  void arbitrary() {
    v.snd_una = v.snd_nxt = 0x4000'0000;
    v.rcv_nxt = v.irs;
  }
  void open_actively(Rfc state) {
    host_port_ = 5555;
    const stack::ConnectOptions options{.remote = {peer_.peer_address(), port_}, .local_port = host_port_};
    ASSERT_EQ(peer_.host().connect(options, id_), stack::CallError::kNone);
    peer_.collect();
    take_syn();
    v.rcv_nxt = v.irs;
    if (state == Rfc::kSynSent) return;
    peer_.send(make(v.irs, kSyn, 0));
    v.rcv_nxt = v.irs + 1;
    peer_.take();
  }
  void open_passively() {
    peer_.send(make(v.irs, kSyn, 0));
    take_syn();
    v.rcv_nxt = v.irs + 1;
  }
  void take_syn() {
    const auto answers = peer_.take();
    ASSERT_EQ(answers.size(), 1U);
    v.iss = v.snd_una = answers[0].segment.seq.value();
    v.snd_nxt = v.iss + 1;
  }
  void establish() {
    peer_.send(make(v.rcv_nxt, kAck, v.snd_nxt));
    v.snd_una = v.snd_nxt;
    const auto id = peer_.host().accept(listener_);
    ASSERT_TRUE(id.has_value());
    id_ = *id;
    ASSERT_EQ(peer_.host().send(id_, std::vector<std::uint8_t>(kInFlight, 'd')), kInFlight);
    peer_.collect();
    v.snd_nxt += kInFlight;
  }
  void host_closes() {
    peer_.host().shutdown(id_);
    peer_.collect();
    v.snd_nxt += 1;
    v.fin_sent = true;
  }
  void peer_acknowledges_all() {
    peer_.send(make(v.rcv_nxt, kAck, v.snd_nxt));
    v.snd_una = v.snd_nxt;
  }
  void peer_closes() {
    peer_.send(make(v.rcv_nxt, kAck | kFin, v.snd_una));
    v.rcv_nxt += 1;
    v.rcv_wnd = peer_.take().back().segment.window.value();
  }

  RawPeer& peer_;
  stack::ListenerId listener_;
  std::uint16_t port_;
  std::uint16_t host_port_ = RawPeer::kHostPort;
  stack::ConnectionId id_;
};

struct Position {
  const char* name;
  std::uint32_t value;
};

std::vector<Position> seq_positions(const rfc9293::Variables& v) {
  return {
      {"left of window", v.rcv_nxt - 3000}, {"RCV.NXT-1", v.rcv_nxt - 1},        {"RCV.NXT", v.rcv_nxt},
      {"inside", v.rcv_nxt + 500},          {"last", v.rcv_nxt + v.rcv_wnd - 1}, {"right edge", v.rcv_nxt + v.rcv_wnd},
      {"beyond", v.rcv_nxt + v.rcv_wnd + 1}};
}

std::vector<Position> ack_positions(const rfc9293::Variables& v) {
  return {{"far too old", v.snd_una - kPeerWindow - 1},        {"< UNA", v.snd_una - 1}, {"= UNA", v.snd_una},
          {"inside", v.snd_una + (v.snd_nxt - v.snd_una) / 2}, {"= NXT", v.snd_nxt},     {"NXT+1", v.snd_nxt + 1}};
}

// The segment that was put before the host, and what the peer had acknowledged before.
struct Put {
  Arriving segment;
  std::uint32_t snd_una;
  std::uint16_t window;
};

// An ACK carries SND.NXT, but where the peer has closed its window, the edge of that (docs/rfc.md): beyond it the peer
// would not look at the ACK.
bool is_sequence_of_ack(std::uint32_t seq, std::uint32_t snd_nxt, const Put& put) {
  return seq == snd_nxt || (put.window == 0 && (seq == put.snd_una || seq == put.segment.ack));
}

bool same(const Reply& expected, const std::vector<Answer>& answers, const Put& put) {
  if (expected.kind == Kind::kNothing) return answers.empty();
  if (answers.empty()) return false;
  const Segment& got = answers.back().segment;
  const std::uint8_t control = got.flags & (kSyn | kAck | kRst | kFin);
  switch (expected.kind) {
    case Kind::kAck:
      return control == kAck && is_sequence_of_ack(got.seq.value(), expected.seq, put) &&
             got.ack.value() == expected.ack;
    case Kind::kReset:
      return control == kRst && got.seq.value() == expected.seq;
    case Kind::kResetAck:
      return control == (kRst | kAck) && got.seq.value() == expected.seq && got.ack.value() == expected.ack;
    case Kind::kSynAck:
      return control == (kSyn | kAck) && got.ack.value() == expected.ack;
    default:
      return false;
  }
}

bool is_permitted(const Outcome& expected, const std::vector<Answer>& answers, const Put& put, Rfc state) {
  const bool reply_ok = std::any_of(expected.replies.begin(), expected.replies.end(),
                                    [&](const Reply& r) { return same(r, answers, put); });
  const bool state_ok = std::find(expected.states.begin(), expected.states.end(), state) != expected.states.end();
  return reply_ok && state_ok;
}

std::string describe(const Outcome& outcome) {
  static constexpr const char* kinds[] = {"nothing", "ACK", "RST", "RST|ACK", "SYN|ACK"};
  std::string text;
  for (const Reply& r : outcome.replies)
    text += std::string(kinds[static_cast<int>(r.kind)]) + " seq " + std::to_string(r.seq) + " ack " +
            std::to_string(r.ack) + " / ";
  for (const Rfc s : outcome.states) text += std::string(name_of(s)) + " ";
  return text;
}

using Parameter = std::tuple<Family, int>;

class Matrix : public ::testing::TestWithParam<Parameter> {
 protected:
  static stack::HostConfig config() {
    stack::HostConfig config = small_host(42);
    config.defaults.receive_buffer = kWindow;
    config.defaults.window_scale = false;
    config.defaults.timestamps = false;
    config.defaults.sack = false;
    return config;
  }
};

TEST_P(Matrix, AgreesWithTheRfc) {
  const auto [family, number] = GetParam();
  const Rfc state = static_cast<Rfc>(number);
  RawPeer peer(config(), family);
  stack::ListenerId listener;
  ASSERT_EQ(peer.host().listen({.address = peer.host_address(), .port = RawPeer::kHostPort}, listener),
            stack::CallError::kNone);
  std::uint16_t port = 10000;
  unsigned cases = 0, disagreements = 0;
  // Starting points near both wraps, so that comparisons meet them.
  for (const std::uint32_t irs : {0xffff'fe00U, 0x7fff'fe00U})
    for (const FlagSet& flags : kFlagSets)
      for (std::size_t seq_at = 0; seq_at < 7; ++seq_at)
        for (std::size_t ack_at = 0; ack_at < (flags.ack ? 6U : 1U); ++ack_at)
          for (const std::uint32_t text : {0U, 1U, kWindow + 10})
            for (const std::uint16_t window : {std::uint16_t{0}, std::uint16_t{kPeerWindow}}) {
              Scene scene(peer, listener, ++port == 0 ? port = 1024 : port, irs);
              scene.bring_to(state);
              if (HasFatalFailure()) return;
              const Position seq = seq_positions(scene.v)[seq_at];
              const Position ack = ack_positions(scene.v)[ack_at];
              const Arriving arriving{
                  seq.value, flags.ack ? ack.value : 0, text, window, flags.syn, flags.ack, flags.fin, flags.rst,
                  flags.urg};
              scene.reset_seq = arriving.seq + 1;
              const Outcome expected = rfc9293::segment_arrives(scene.v, arriving);
              scene.put(flags, arriving, window);
              peer.advance(60ms);  // a delayed ACK is out by now
              const auto answers = peer.take();
              const Rfc now = scene.state_now();
              ++cases;
              if (!is_permitted(expected, answers, {arriving, scene.v.snd_una, window}, now) && ++disagreements <= 20) {
                ADD_FAILURE() << name_of(state) << ": " << flags.name << " seq " << seq.name << " ack " << ack.name
                              << " text " << text << " window " << window << "\n  permitted: " << describe(expected)
                              << "\n  seen: " << answers.size() << " packets, last flags "
                              << (answers.empty() ? 0 : int{answers.back().segment.flags}) << " seq "
                              << (answers.empty() ? 0 : answers.back().segment.seq.value()) << " ack "
                              << (answers.empty() ? 0 : answers.back().segment.ack.value()) << ", " << name_of(now);
              }
              scene.end();
              peer.take();
            }
  RecordProperty("cases", static_cast<int>(cases));
  EXPECT_EQ(disagreements, 0U) << "of " << cases << " cases";
}

INSTANTIATE_TEST_SUITE_P(States, Matrix,
                         ::testing::Combine(::testing::Values(Family::kIpv4, Family::kIpv6), ::testing::Range(0, 12)),
                         [](const auto& instance) {
                           return std::string(std::get<0>(instance.param) == Family::kIpv4 ? "Ipv4" : "Ipv6") +
                                  name_of(static_cast<Rfc>(std::get<1>(instance.param)));
                         });

}  // namespace
}  // namespace weir::testing
