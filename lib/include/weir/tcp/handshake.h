// The passive side of the three-way handshake, on records of 64 bytes; and answers where there is no connection.
#pragma once

#include <weir/flow/half_open.h>
#include <weir/tcp/context.h>
#include <weir/tcp/cookie_answers.h>
#include <weir/tcp/syn_cookie.h>
#include <weir/wire/segment.h>

namespace weir::tcp {

// A SYN for a listener (flags already judged: SYN, no ACK, no RST, no FIN). Fills `record` (identity fields and
// listener are set by the caller): ISN by RFC 6528, options that both sides want. `iss_above` as in open_active().
void begin_handshake(Context& context, const Segment& syn, std::optional<SeqNum> iss_above, HalfOpen& record);
// Sends, or sends again, the SYN-ACK of `record`.
void send_syn_ack(Context& context, HalfOpen& record);
// When the next SYN-ACK is due after `retries` (exponential), in milliseconds from now.
std::uint32_t syn_ack_timeout_ms(const Context& context, const HalfOpen& record);

// Both in one without a record (RFC 4987 §3.6): the SYN-ACK's ISN is a cookie. `record` is filled and may be forgotten.
// Only options that were offered come back, the MSS too: the answer is never longer than the SYN might have been.
// `packet` is the one that brought the SYN, used up where the answer can take its place.
void answer_with_cookie(Context& context, SynCookies& cookies, CookieAnswers& answers, const Segment& syn,
                        HalfOpen& record, Packet packet);
// A final ACK (ACK, neither SYN nor RST) where a cookie may have been sent: fills `record` as it would have been kept,
// and returns the cookie's fingerprint. Nothing when it is no cookie of ours, or too old. The ACK's timestamp is made
// one that tells no round trip: the SYN-ACK's was rounded.
std::optional<std::uint64_t> restore_from_cookie(const Context& context, SynCookies& cookies, Segment& ack,
                                                 HalfOpen& record);

enum class HandshakeStep : std::uint8_t {
  kNothing,   // dropped, or answered; the record stays
  kComplete,  // acceptable ACK of our SYN: make it a connection and hand it this segment
  kRemove,    // reset by the peer: forget the record
};
// A segment for a half-open record (RFC 9293 §3.10.7.4 in SYN-RECEIVED, passive): repeated SYN -> SYN-ACK again,
// other SYN -> challenge ACK, RST exact -> remove, bad ACK -> RST, PAWS.
HandshakeStep on_segment_when_half_open(Context& context, HalfOpen& record, const Segment& segment);

// RFC 9293 §3.10.7.1: the RST that answers a segment where there is no connection (none in answer to RST).
void send_reset_for(Context& context, const IpHeader& ip, const Segment& segment);

// What a flow's numbers start from: the ISN of RFC 6528 (4 us clock + keyed hash), and how far our TSval is from the
// clock (RFC 7323 §5.4).
struct FlowNumbers {
  SeqNum isn;
  std::uint32_t timestamp_offset = 0;
};
FlowNumbers flow_numbers(const Context& context, const FlowKey& key);
std::uint32_t timestamp_offset(const Context& context, const FlowKey& key);
SeqNum initial_sequence_number(const Context& context, const FlowKey& key);

}  // namespace weir::tcp
