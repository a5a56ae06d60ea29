// LISTEN while it is attacked: SYN cookies, which need no record, and the final ACKs that bring them back.
#include "host_impl.h"

namespace weir::stack {

bool Host::Impl::send_cookie(HalfOpen& record, Arrival& arrival) {
  SynDefence& defence = defences[record.listener];
  if (!defence.sends_cookies()) {
    if (defence.would_send_cookies()) counters.add(tcp::Counter::kSynCookiesDryRun);
    return false;
  }
  tcp::answer_with_cookie(context, cookies, cookie_answers, arrival.segment, record, std::move(arrival.packet));
  defence.on_cookie_sent(context.now, kCookieLife);
  cookies_expected_until.store(context.now + kCookieLife, std::memory_order_relaxed);
  return true;
}

// RFC 9293 §3.10.7.2, second: any ACK is bad in LISTEN, unless it brings back a cookie.
void Host::Impl::on_listener_ack(ListenerId id, Arrival& arrival) {
  if (arrival.segment.has(kSyn) || !expects_cookies(id))
    return tcp::send_reset_for(context, arrival.ip, arrival.segment);
  HalfOpen record = blank_record(id, arrival.key);
  const auto fingerprint = tcp::restore_from_cookie(context, cookies, arrival.segment, record);
  if (!fingerprint) return refuse_cookie(id, DropReason::kSynCookieWrong, arrival);
  if (is_spent(*fingerprint)) return refuse_cookie(id, DropReason::kSynCookieSpent, arrival);
  open_by_cookie(record, *fingerprint, arrival);
}

bool Host::Impl::expects_cookies(ListenerId id) const {
  if (settings_of(id).syn_cookies == tcp::SynCookieUse::kOff) return false;
  if (config.cookies_shared || defences[id].expects_cookies(context.now)) return true;
  // Where the device's hash does not keep a flow together, another core may have sent it.
  const auto peers = hand_over.peers();
  for (std::size_t i = 0; i < peers.size(); ++i)
    if (i != hand_over.own_index() && peers[i]->expects_cookies(context.now)) return true;
  return false;
}

bool Host::Impl::is_spent(std::uint64_t fingerprint) const {
  if (spent.contains(fingerprint)) return true;
  const auto peers = hand_over.peers();
  for (std::size_t i = 0; i < peers.size(); ++i)
    if (i != hand_over.own_index() && peers[i]->has_spent(fingerprint)) return true;
  return false;
}

// Where there is no room for a connection, the client is known to be there and worth a record: its SYN-ACK will be
// sent again, as in complete_handshake().
void Host::Impl::open_by_cookie(HalfOpen& record, std::uint64_t fingerprint, Arrival& arrival) {
  if (is_beyond_limits(record.listener, arrival)) return;
  const std::uint32_t index = room_for(record, arrival);
  record.retries_max = settings_of(record.listener).syn_ack_retries;
  if (index == kNoIndex && keep_record(record, arrival.hash) == kNoIndex) return;
  if (spent.insert(fingerprint)) counters.add(tcp::Counter::kSpentCookiesForgotten);
  counters.add(tcp::Counter::kSynCookiesAccepted);
  defences[record.listener].on_cookie_accepted();
  if (index != kNoIndex) open_passive(index, record, arrival);
}

// Text or FIN may be the second segment of a client whose first was lost, and will complete the handshake when it is
// repeated: a RST would end what is sound.
void Host::Impl::refuse_cookie(ListenerId id, DropReason reason, const Arrival& arrival) {
  drop(reason);
  defences[id].on_cookie_refused(reason);
  if (arrival.segment.length() > 0) return;
  if (!cookie_resets.take(context.now)) return counters.add(tcp::Counter::kSynCookieResetsLimited);
  tcp::send_reset_for(context, arrival.ip, arrival.segment);
}

void Host::Impl::review_defences() {
  if (context.now < defence_review) return;
  defence_review = context.now + SynDefence::kWindow;
  for (std::size_t id = 0; id < listeners.slots(); ++id)
    if (defences[id].is_active()) defences[id].review(context.now);
}

bool Host::expects_cookies(Instant now) const {
  return now < impl_->cookies_expected_until.load(std::memory_order_relaxed);
}

void Host::change_cookie_secrets(const tcp::CookieSecrets& secrets) {
  impl_->cookies.change(secrets);
}

bool Host::has_spent(std::uint64_t fingerprint) const {
  return impl_->spent.contains(fingerprint);
}

}  // namespace weir::stack
