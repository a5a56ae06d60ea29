#include "states.h"

namespace weir::fuzz {
namespace {

constexpr std::uint32_t kBacklog = 4;

void open(Subject& subject, Peer& peer, Input& input, bool is_active) {
  if (is_active) {
    subject.connect();
    return peer.say(kSyn | kAck);
  }
  subject.listen(settings_from(input), kBacklog);
  peer.say_syn();
  peer.say(kAck);
  subject.accept();
}

// SYN-RECEIVED is a record of a listener's, or a connection when both ends open at once.
void open_half(Subject& subject, Peer& peer, Input& input, bool is_active) {
  if (is_active)
    subject.connect();
  else
    subject.listen(settings_from(input), kBacklog);
  peer.say_syn();
}

void talk(Subject& subject, Peer& peer, Input& input) {
  const unsigned bits = input.byte();
  Held* held = subject.held(0);
  if (held == nullptr) return;
  if ((bits & 1) != 0) peer.say(kAck | kPsh, 1000);
  if ((bits & 2) != 0) subject.receive(*held, 600);
  if ((bits & 4) != 0) subject.send(*held, 1U << (bits >> 4), Sending::kPlain);
  if ((bits & 8) != 0) peer.say(kAck);
}

void shut_down(Subject& subject) {
  if (const Held* held = subject.held(0)) static_cast<void>(subject.host().shutdown(held->id));
  subject.look();
}

void close_after(tcp::State state, Subject& subject, Peer& peer) {
  const auto& life = subject.book().life();
  const SeqNum heard = life ? life->sent_end : SeqNum{};
  const bool is_peer_first = state == tcp::State::kCloseWait || state == tcp::State::kLastAck;
  if (is_peer_first) peer.say(kFin | kAck);
  if (state == tcp::State::kEstablished || state == tcp::State::kCloseWait) return;
  shut_down(subject);
  if (state == tcp::State::kFinWait1 || state == tcp::State::kLastAck) return;
  if (state == tcp::State::kClosing) return peer.say_fin_for(heard);
  peer.say(kAck);
  if (state == tcp::State::kTimeWait) peer.say(kFin | kAck);
}

}  // namespace

void bring_to(tcp::State state, Subject& subject, Peer& peer, Input& input) {
  const bool is_active = input.flag();
  switch (state) {
    case tcp::State::kClosed:
      return;
    case tcp::State::kListen:
      return subject.listen(settings_from(input), kBacklog);
    case tcp::State::kSynSent:
      return subject.connect();
    case tcp::State::kSynReceived:
      return open_half(subject, peer, input, is_active);
    default:
      open(subject, peer, input, is_active);
      talk(subject, peer, input);
      close_after(state, subject, peer);
  }
}

}  // namespace weir::fuzz
