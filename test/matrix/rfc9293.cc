#include "matrix/rfc9293.h"

#include <algorithm>

namespace rfc9293 {

namespace {

// Sequence arithmetic of §3.4, on plain numbers modulo 2^32.
bool less(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::int32_t>(a - b) < 0;
}
bool less_equal(std::uint32_t a, std::uint32_t b) {
  return !less(b, a);
}

const Reply kSilence{};

Reply acknowledge(const Variables& v, std::uint32_t rcv_nxt) {
  return {Kind::kAck, v.snd_nxt, rcv_nxt};
}
Reply acknowledge(const Variables& v) {
  return acknowledge(v, v.rcv_nxt);
}

Outcome stay(const Variables& v, Reply reply) {
  return {{reply}, {v.state}};
}
Outcome stay_either(const Variables& v, Reply one, Reply other) {
  return {{one, other}, {v.state}};
}

Outcome in_closed(const Variables& v, const Arriving& s) {
  if (s.rst) return stay(v, kSilence);
  if (s.has_ack) return stay(v, {Kind::kReset, s.ack, 0});
  return stay(v, {Kind::kResetAck, 0, s.seq + s.length()});
}

Outcome in_listen(const Variables& v, const Arriving& s) {
  if (s.rst) return stay(v, kSilence);
  if (s.has_ack) return stay(v, {Kind::kReset, s.ack, 0});
  // A SYN with FIN is dropped, as deployed stacks do (docs/rfc.md).
  if (!s.syn || s.fin) return stay(v, kSilence);
  // Text on the SYN is not kept and not acknowledged: the peer sends it again.
  return {{{Kind::kSynAck, 0, s.seq + 1}}, {State::kSynReceivedPassive}};
}

Outcome in_syn_sent(const Variables& v, const Arriving& s) {
  const bool ack_good = s.has_ack && less(v.snd_una, s.ack) && less_equal(s.ack, v.snd_nxt);
  if (s.has_ack && !ack_good) return stay(v, s.rst ? kSilence : Reply{Kind::kReset, s.ack, 0});
  if (s.rst) return ack_good ? Outcome{{kSilence}, {State::kClosed}} : stay(v, kSilence);
  if (!s.syn) return stay(v, kSilence);
  if (!ack_good) return {{{Kind::kSynAck, v.iss, s.seq + 1}}, {State::kSynReceivedActive}};
  // "If there are other controls or text in the segment, then continue at the sixth step": text and FIN may be taken
  // at once or left for the peer to repeat.
  Outcome outcome{{{Kind::kAck, v.snd_nxt, s.seq + 1}}, {State::kEstablished}};
  if (s.length() > 1) outcome.replies.push_back({Kind::kAck, v.snd_nxt, s.seq + s.length()});
  if (s.text > 0) outcome.replies.push_back({Kind::kAck, v.snd_nxt, s.seq + 1 + std::min(s.text, v.rcv_wnd)});
  if (s.fin) outcome.states.push_back(State::kCloseWait);
  return outcome;
}

bool in_window(const Variables& v, std::uint32_t seq) {
  return seq - v.rcv_nxt < v.rcv_wnd;
}

// The four cases of the table; the right edge itself is taken for segments without text (docs/rfc.md).
bool is_acceptable(const Variables& v, const Arriving& s) {
  if (s.length() == 0) return s.seq - v.rcv_nxt <= v.rcv_wnd;
  return in_window(v, s.seq) || in_window(v, s.seq + s.length() - 1);
}

bool is_passive_half_open(const Variables& v) {
  return v.state == State::kSynReceivedPassive;
}
bool is_half_open(const Variables& v) {
  return is_passive_half_open(v) || v.state == State::kSynReceivedActive;
}

Outcome unacceptable(const Variables& v, const Arriving& s) {
  return stay(v, s.rst ? kSilence : acknowledge(v));
}

// A segment that begins before the window and ends after it fails the table's four cases although it holds every byte
// that is wanted: it may be refused, or trimmed and taken.
bool covers_window(const Variables& v, const Arriving& s) {
  return s.length() > v.rcv_wnd && less(s.seq, v.rcv_nxt) && less(v.rcv_nxt + v.rcv_wnd, s.seq + s.length());
}

Outcome either(Outcome one, const Outcome& other) {
  one.replies.insert(one.replies.end(), other.replies.begin(), other.replies.end());
  one.states.insert(one.states.end(), other.states.begin(), other.states.end());
  return one;
}

// RFC 5961 §3: exact acts, inside is challenged.
Outcome on_reset(const Variables& v, const Arriving& s) {
  if (v.state == State::kTimeWait) return stay_either(v, kSilence, acknowledge(v));  // RFC 1337; challenged or not
  if (s.seq == v.rcv_nxt) return {{kSilence}, {is_passive_half_open(v) ? State::kListen : State::kClosed}};
  if (!in_window(v, s.seq)) return stay_either(v, kSilence, acknowledge(v));
  return stay(v, acknowledge(v));
}

// RFC 6191 without timestamps: a SYN above everything received opens anew; equality is left open.
Outcome on_syn_in_time_wait(const Variables& v, const Arriving& s) {
  const Outcome refused{{acknowledge(v)}, {State::kTimeWait}};
  if (s.has_ack || s.rst || s.fin || less(s.seq, v.rcv_nxt)) return refused;
  if (s.seq == v.rcv_nxt)
    return {{acknowledge(v), {Kind::kSynAck, 0, s.seq + 1}}, {State::kTimeWait, State::kSynReceivedPassive}};
  return {{{Kind::kSynAck, 0, s.seq + 1}}, {State::kSynReceivedPassive}};
}

bool fin_is_acked(const Variables& v, std::uint32_t ack) {
  return v.fin_sent && ack == v.snd_nxt;
}

// Fifth: the state after the ACK alone, or an outcome that ends the processing.
bool check_ack(const Variables& v, const Arriving& s, State& next, Outcome& ended) {
  next = v.state;
  if (is_half_open(v)) {
    if (!(less(v.snd_una, s.ack) && less_equal(s.ack, v.snd_nxt))) {
      ended = stay(v, {Kind::kReset, s.ack, 0});
      return false;
    }
    next = State::kEstablished;
    return true;
  }
  // RFC 5961 §5.
  if (less(v.snd_nxt, s.ack) || less(s.ack, v.snd_una - v.snd_wnd_max)) {
    ended = v.state == State::kTimeWait ? stay_either(v, acknowledge(v), kSilence) : stay(v, acknowledge(v));
    return false;
  }
  const bool acked = fin_is_acked(v, s.ack);
  if (v.state == State::kFinWait1 && acked) next = State::kFinWait2;
  if (v.state == State::kClosing) {
    ended = {{kSilence, acknowledge(v)}, {acked ? State::kTimeWait : State::kClosing}};
    return false;
  }
  if (v.state == State::kLastAck && acked) {
    ended = {{kSilence}, {State::kClosed}};
    return false;
  }
  return true;
}

bool takes_text(State state) {
  return state == State::kEstablished || state == State::kFinWait1 || state == State::kFinWait2;
}

State after_fin(State state) {
  if (state == State::kEstablished) return State::kCloseWait;
  if (state == State::kFinWait1) return State::kClosing;
  if (state == State::kFinWait2) return State::kTimeWait;
  return state;
}

// Seventh and eighth.
Outcome text_and_fin(const Variables& v, const Arriving& s, State state) {
  if (s.length() == 0) return {{kSilence}, {state}};
  if (!takes_text(state)) return {{kSilence, acknowledge(v)}, {state}};  // after the peer's FIN there is no more text
  if (less(v.rcv_nxt, s.seq)) return {{acknowledge(v)}, {state}};        // a gap: said at once
  const std::uint32_t text_end = s.seq + s.text;
  const std::uint32_t edge = v.rcv_nxt + v.rcv_wnd;
  const std::uint32_t taken = less(edge, text_end) ? edge : (less(text_end, v.rcv_nxt) ? v.rcv_nxt : text_end);
  // A FIN counts only when everything before it has been taken, and lies inside the window itself.
  const bool fin = s.fin && taken == text_end && in_window(v, text_end);
  const std::uint32_t next = taken + (fin ? 1U : 0U);
  return {{acknowledge(v, next)}, {fin ? after_fin(state) : state}};
}

Outcome process_acceptable(const Variables& v, const Arriving& s);

// "The only thing that can arrive in this state is a retransmission of the remote FIN. Acknowledge it": that must be
// answered; anything else is stray, and an ACK tells the peer where we are.
Outcome in_time_wait(const Variables& v, const Arriving& s) {
  const bool repeated_fin = s.fin && s.has_ack && s.seq + s.length() == v.rcv_nxt;
  return repeated_fin ? stay(v, acknowledge(v)) : stay_either(v, kSilence, acknowledge(v));
}

// Figure 8: in a simultaneous open the peer's SYN-ACK says its SYN again and acknowledges ours.
Outcome on_simultaneous_syn_ack(const Variables& v, const Arriving& s) {
  const std::uint32_t taken = std::min(s.text, v.rcv_wnd);
  Outcome outcome{{acknowledge(v), acknowledge(v, v.rcv_nxt + taken)}, {State::kEstablished}};
  if (!s.fin || taken < s.text) return outcome;
  outcome.replies.push_back(acknowledge(v, v.rcv_nxt + taken + 1));
  outcome.states.push_back(State::kCloseWait);
  return outcome;
}

Outcome in_synchronized(const Variables& v, const Arriving& s) {
  if (v.state == State::kTimeWait && s.syn && !s.rst) return on_syn_in_time_wait(v, s);
  if (v.state == State::kTimeWait && !s.rst) return in_time_wait(v, s);
  const bool own_syn_again = is_half_open(v) && s.syn && !s.rst && s.seq == v.irs;
  if (own_syn_again && v.state == State::kSynReceivedActive && s.has_ack && s.ack == v.snd_nxt)
    return on_simultaneous_syn_ack(v, s);
  // The peer's own SYN again: the SYN-ACK again says the same as the ACK.
  if (own_syn_again) return stay_either(v, acknowledge(v), {Kind::kSynAck, v.iss, v.rcv_nxt});
  if (!is_acceptable(v, s)) {
    if (covers_window(v, s) && !s.rst) return either(unacceptable(v, s), process_acceptable(v, s));
    return unacceptable(v, s);
  }
  return process_acceptable(v, s);
}

Outcome process_acceptable(const Variables& v, const Arriving& s) {
  if (s.rst) return on_reset(v, s);
  if (s.syn) return stay(v, acknowledge(v));  // RFC 5961 §4
  if (!s.has_ack) return stay(v, kSilence);
  State next;
  Outcome ended;
  if (!check_ack(v, s, next, ended)) return ended;
  return text_and_fin(v, s, next);
}

// A window that shrinks over what is in flight: an ACK from its edge is looked at by the peer, one from SND.NXT is
// not (docs/rfc.md).
void permit_from_shrunk_window(const Variables& v, const Arriving& s, Outcome& outcome) {
  if (!s.has_ack || less(v.snd_nxt, s.ack)) return;
  const std::uint32_t edge = (less(v.snd_una, s.ack) ? s.ack : v.snd_una) + s.window;
  if (!less(edge, v.snd_nxt)) return;
  const std::vector<Reply> replies = outcome.replies;
  for (const Reply& reply : replies)
    if (reply.kind == Kind::kAck && reply.seq == v.snd_nxt) outcome.replies.push_back({Kind::kAck, edge, reply.ack});
}

Outcome on_any_segment(const Variables& connection, const Arriving& segment) {
  switch (connection.state) {
    case State::kClosed:
      return in_closed(connection, segment);
    case State::kListen:
      return in_listen(connection, segment);
    case State::kSynSent:
      return in_syn_sent(connection, segment);
    default:
      return in_synchronized(connection, segment);
  }
}

}  // namespace

Outcome segment_arrives(const Variables& connection, const Arriving& segment) {
  Outcome outcome = on_any_segment(connection, segment);
  permit_from_shrunk_window(connection, segment, outcome);
  return outcome;
}

}  // namespace rfc9293
