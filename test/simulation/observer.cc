#include "observer.h"

#include <algorithm>

#include <weir/wire/describe.h>

namespace weir::testing {
namespace {

void raise(std::optional<SeqNum>& greatest, SeqNum value) {
  if (!greatest || value.after(*greatest)) greatest = value;
}

// What the window field of `end` means (RFC 7323 §2.2): scaled when both said so, never in a SYN.
std::uint32_t window_of(const WireEnd& end, const WireEnd& peer, const Segment& segment) {
  if (segment.has(kSyn) || !end.scale || !peer.scale) return segment.window.value();
  return (segment.window << *end.scale).bytes();
}

bool asks_for_ack(const WireEnd& at, const Segment& segment) {
  const bool is_probe = at.heard_until && segment.seq.before(*at.heard_until);  // keep-alive, or an old duplicate
  return segment.length() > 0 || is_probe;
}

// With a chosen ISS two connections may begin with the same number.
bool is_another(const WireEnd& own, const Segment& syn) {
  if (own.iss != syn.seq) return true;
  if (syn.has(kAck)) return own.has_streamed() || (own.answered && *own.answered != syn.ack - 1);
  const TcpOptions& options = syn.options;
  return own.has_said_more || own.scale != options.window_scale || own.offers_sack != options.sack_permitted ||
         own.offers_timestamps != options.timestamps.has_value() || own.mss != options.mss;
}

// Of an earlier connection of the peer's: a SYN, or text within the window.
bool may_be_taken(const WireEnd& at, const WireEnd& from, const Segment& segment) {
  if (segment.has(kSyn)) return true;
  return at.offered_edge && segment.length() > 0 && segment.seq.before(*at.offered_edge) &&
         segment.end().after(from.iss);
}

WireEnd begun_by(const Segment& syn) {
  WireEnd fresh;
  fresh.has_begun = true;
  fresh.iss = syn.seq;
  fresh.scale = syn.options.window_scale;
  fresh.offers_sack = syn.options.sack_permitted;
  fresh.offers_timestamps = syn.options.timestamps.has_value();
  fresh.mss = syn.options.mss;
  return fresh;
}

bool awaits_answer(const WireEnd& end) {
  return end.has_begun && !end.has_said_more;
}

bool takes_earlier_offer(const WireEnd& at, const Segment& segment) {
  return segment.has(kAck) && !segment.has(kSyn) && segment.ack != at.iss + 1 &&
         std::ranges::find(at.offers, segment.ack - 1) != at.offers.end();
}

void hear_anew(WireEnd& end) {
  end.acknowledged.reset();
  end.offered_edge.reset();
  end.heard_edge.reset();
  end.heard_until.reset();
  end.has_heard_fin = false;
  end.is_unclear = end.is_unclear || ++end.peers > 1;
}

}  // namespace

void Observer::fault(const Sighting& s, const std::string& what) {
  if (faults_.size() < kFaultsMax) faults_.push_back(what + ": " + wire::describe(s.ip, s.segment));
}

void Observer::on_sent(const Sighting& s) {
  ++counts_.segments;
  const Key key = key_of(s);
  WireEnd& own = end_of(key);
  WireEnd& peer = end_of({key.to, key.from});
  if (s.segment.has(kRst)) {
    ++counts_.resets;
    return;
  }
  if (s.segment.has(kSyn)) begin_if_new(own, peer, s.segment);
  if (!own.has_begun) return;  // answers of a host that knows no such connection
  own.has_said_more = own.has_said_more || !s.segment.has(kSyn);
  check_size(own, peer, s);
  check_ecn(own, s);
  check_window(own, s);
  check_text(own, s);
  check_fin(own, s);
  check_options(own, peer, s);
  check_bare_acks(own, s);
  if (!s.segment.has(kAck) || own.is_unclear) return;
  check_ack(own, s);
  if (!s.segment.has(kSyn)) check_offer(own, peer, s);
}

void Observer::begin_if_new(WireEnd& own, WireEnd& peer, const Segment& syn) {
  if (!own.has_begun || is_another(own, syn)) begin(own, peer, syn);
  if (!syn.has(kAck)) return;
  own.has_said_more = true;
  own.answered = syn.ack - 1;
  if (std::ranges::find(own.offers, syn.seq) == own.offers.end()) own.offers.push_back(syn.seq);
}

// Another connection of the same 4-tuple. A SYN: of which its peer has heard nothing yet, and which may itself hear of
// a SYN that is on its way. A SYN-ACK: after the SYN that it answers.
void Observer::begin(WireEnd& own, WireEnd& peer, const Segment& syn) {
  WireEnd fresh = begun_by(syn);
  fresh.is_ambiguous = own.has_begun && own.iss == syn.seq;
  const bool answers_other = syn.has(kAck) && !(peer.has_begun && peer.iss == syn.ack - 1);
  fresh.is_unclear = answers_other || peer.is_ambiguous;
  if (syn.has(kAck)) {  // what it has heard is what it answers
    fresh.heard_edge = own.heard_edge;
    fresh.heard_until = own.heard_until;
    fresh.peers = 1;
  } else if (awaits_answer(peer)) {
    ++counts_.simultaneous_opens;
    fresh.peers = 1;
  }
  fresh.offers = std::move(own.offers);
  own = std::move(fresh);
  if (answers_other) return;
  hear_anew(peer);
  peer.is_unclear = peer.is_unclear || own.is_ambiguous;
}

// RFC 6691: the peer's MSS is without options, so these come off the text.
void Observer::check_size(const WireEnd& own, const WireEnd& peer, const Sighting& s) {
  if (s.text.empty()) return;
  if (s.length > 1500) fault(s, "longer than the MTU");
  if (own.is_unclear) return;
  const std::uint16_t mss = peer.mss.value_or(s.ip.is_v4() ? 536 : 1220);
  const std::size_t options = s.segment.header_length - 20U;
  if (s.text.size() + options > mss) fault(s, "longer than the peer's MSS of " + std::to_string(mss));
  if (!own.heard_until) fault(s, "text before the handshake");
}

void Observer::check_text(WireEnd& own, const Sighting& s) {
  if (s.text.empty() || own.is_ambiguous) return;
  const std::uint32_t offset = (s.segment.seq - 1).since(own.iss) + (s.segment.has(kSyn) ? 1U : 0U);
  if (offset > own.stream.size()) return fault(s, "a gap in what was sent");
  const std::size_t known = std::min(own.stream.size() - offset, s.text.size());
  if (!std::equal(s.text.begin(), s.text.begin() + static_cast<std::ptrdiff_t>(known), own.stream.begin() + offset))
    return fault(s, "other bytes than were sent first");
  counts_.bytes_again += known;
  counts_.bytes += s.text.size() - known;
  if (known < s.text.size() && own.fin) return fault(s, "text after FIN");
  const std::uint32_t before = own.next().value();
  own.stream.insert(own.stream.end(), s.text.begin() + static_cast<std::ptrdiff_t>(known), s.text.end());
  if (own.next().value() < before) ++counts_.wraps;
}

// Into a closed window one byte may go, to probe it (RFC 9293 §3.8.6.1).
void Observer::check_window(const WireEnd& own, const Sighting& s) {
  if (s.text.empty() || !own.heard_edge || own.is_unclear) return;
  const SeqNum end = s.segment.seq + static_cast<std::uint32_t>(s.text.size());
  if (end.at_or_before(*own.heard_edge)) return;
  const bool is_probe = s.text.size() == 1 && s.segment.seq == *own.heard_edge;
  if (is_probe)
    ++counts_.probes;
  else
    fault(s, "beyond the window's edge " + std::to_string(own.heard_edge->value()));
}

void Observer::check_fin(WireEnd& own, const Sighting& s) {
  if (!s.segment.has(kFin) || own.is_ambiguous) return;
  const SeqNum at = s.segment.seq + static_cast<std::uint32_t>(s.text.size()) + (s.segment.has(kSyn) ? 1U : 0U);
  const SeqNum end = own.iss + 1 + static_cast<std::uint32_t>(own.stream.size());
  if (at != end || (own.fin && *own.fin != at)) return fault(s, "FIN not at the end of the stream");
  own.fin = at;
}

void Observer::check_ack(WireEnd& own, const Sighting& s) {
  if (own.heard_until && s.segment.ack.after(*own.heard_until)) fault(s, "acknowledges what never arrived");
  if (own.acknowledged && s.segment.ack.before(*own.acknowledged)) fault(s, "acknowledges less than before");
  raise(own.acknowledged, s.segment.ack);
}

// RFC 9293 SHLD-14: the right edge does not go back; by rounding it may, by less than the scale's unit (RFC 7323 §2.4).
void Observer::check_offer(WireEnd& own, const WireEnd& peer, const Sighting& s) {
  if (own.has_heard_fin) return;
  const std::uint32_t window = window_of(own, peer, s.segment);
  const SeqNum edge = s.segment.ack + window;
  const std::uint32_t unit = own.scale && peer.scale ? 1U << own.scale->shift() : 1;
  if (window == 0) ++counts_.zero_windows;
  if (own.offered_edge && (edge + unit).at_or_before(*own.offered_edge)) fault(s, "takes back its window");
  raise(own.offered_edge, edge);
}

void Observer::check_options(const WireEnd& own, const WireEnd& peer, const Sighting& s) {
  const TcpOptions& options = s.segment.options;
  if (s.segment.has(kSyn)) return;
  if (options.mss || options.window_scale || options.sack_permitted) fault(s, "an option that belongs in a SYN");
  for (unsigned i = 0; i < options.sack_count; ++i)
    if (!options.sack[i].left.before(options.sack[i].right)) fault(s, "an empty SACK block");
  if (own.is_unclear) return;
  const bool stamps = own.offers_timestamps && peer.offers_timestamps;
  if (peer.has_begun && stamps != options.timestamps.has_value()) fault(s, "timestamps against what was agreed");
  if (options.sack_count == 0) return;
  counts_.sack_blocks += options.sack_count;
  if (!own.offers_sack || !peer.offers_sack) fault(s, "SACK against what was agreed");
  for (unsigned i = 0; i < options.sack_count; ++i)
    if (own.heard_until && options.sack[i].right.after(*own.heard_until)) fault(s, "SACKs what never arrived");
}

// RFC 3168 §6.1.1, §6.1.4, §6.1.5: only new text is ECN-capable.
void Observer::check_ecn(const WireEnd& own, const Sighting& s) {
  if (s.ip.ecn == Ecn::kNotEct) return;
  ++counts_.ecn_capable;
  if (s.text.empty()) fault(s, "ECN-capable, but without text");
  if (!s.text.empty() && !own.is_ambiguous && s.segment.seq.before(own.next())) fault(s, "ECN-capable, but sent again");
}

void Observer::check_bare_acks(WireEnd& own, const Sighting& s) {
  if (s.segment.length() > 0) return;
  if (s.segment.seq.before(own.next())) return;  // keep-alive asks as long as the connection lives
  ++own.bare_acks;
  if (own.bare_acks == kBareAcksFree + 3 * own.heard_to_answer + 2 * reads_) fault(s, "ACKs without end");
}

void Observer::on_delivered(const Sighting& s) {
  const Key key = key_of(s);
  const WireEnd& from = end_of(key);
  WireEnd& at = end_of({key.to, key.from});
  if (!from.has_begun || s.segment.has(kRst)) return;
  if (takes_earlier_offer(at, s.segment)) at.is_ambiguous = at.is_unclear = true;
  // A FIN that found no packet to go in is counted by its sender all the same.
  const bool is_past_unseen_fin = s.segment.length() == 0 && !from.fin && s.segment.seq == from.next() + 1;
  const bool is_beyond = s.segment.end().after(from.next()) && !is_past_unseen_fin;
  const bool is_other_syn = s.segment.has(kSyn) && s.segment.seq != from.iss;
  if (s.segment.seq.before(from.iss) || is_beyond || is_other_syn) {  // of an earlier connection
    at.is_unclear = at.is_unclear || may_be_taken(at, from, s.segment);
    return;
  }
  if (asks_for_ack(at, s.segment)) ++at.heard_to_answer;
  if (!is_past_unseen_fin) raise(at.heard_until, s.segment.end());
  at.has_heard_fin = at.has_heard_fin || s.segment.has(kFin);
  if (s.segment.has(kSyn) && !s.segment.has(kAck)) {  // the first window: offered from the ISS that will be chosen
    return;
  }
  if (!at.has_begun || s.segment.ack.after(at.next()) || s.segment.ack.before(at.iss)) return;
  raise(at.heard_edge, s.segment.ack + window_of(from, at, s.segment));
}

}  // namespace weir::testing
