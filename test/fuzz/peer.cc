#include "peer.h"

namespace weir::fuzz {
namespace {

constexpr std::uint8_t kNoScale = 15;

void put(Bytes& to, std::initializer_list<unsigned> bytes) {
  for (const unsigned byte : bytes) to.push_back(static_cast<std::uint8_t>(byte));
}
void put32(Bytes& to, std::uint32_t value) {
  put(to, {value >> 24, value >> 16, value >> 8, value});
}

}  // namespace

Peer::Peer(Subject& subject, Input& input) : subject_(subject), input_(input), offer_{} {
  const unsigned bits = input.byte();
  offer_.has_timestamps = (bits & 1) == 0;
  offer_.has_sack = (bits & 2) == 0;
  offer_.scale = static_cast<std::uint8_t>((bits & 4) != 0 ? kNoScale : bits >> 4);
  offer_.mss = input.any_of<std::uint16_t>({1460, 0, 1, 100, 536, 1000, 9000, 65'535});
  offer_.window = input.any_of<std::uint16_t>({65'535, 0, 1, 500, 3000});
  offer_.isn = (bits & 8) != 0 ? SeqNum{0U - input.word()} : SeqNum{5000};
}

std::uint32_t Peer::clock() const {
  return Tick::at(subject_.now()).value + 7777;
}

// What it should acknowledge: all that the host said.
SeqNum Peer::heard_end() const {
  const auto& life = subject_.book().life();
  return life ? life->sent_end : SeqNum{};
}

// What it should say next: what the host has acknowledged, or its first byte.
SeqNum Peer::next() const {
  const auto& life = subject_.book().life();
  return life && life->acked ? *life->acked : offer_.isn + 1;
}

SeqNum Peer::host_edge() const {
  const auto& life = subject_.book().life();
  return next() + (life ? life->window : 0);
}

Bytes Peer::syn_options() const {
  Bytes options;
  put(options, {2, 4, unsigned{offer_.mss} >> 8, offer_.mss});
  if (offer_.has_sack) put(options, {1, 1, 4, 2});
  if (offer_.scale < kNoScale) put(options, {1, 3, 3, offer_.scale});
  if (!offer_.has_timestamps) return options;
  put(options, {1, 1, 8, 10});
  put32(options, clock());
  const auto& life = subject_.book().life();
  put32(options, life ? life->timestamp : 0);
  return options;
}

Bytes Peer::options_for(const TcpPacket& packet) const {
  if ((packet.flags & kSyn) != 0) return syn_options();
  Bytes options;
  const auto& life = subject_.book().life();
  if (!offer_.has_timestamps || !life || !life->has_timestamps) return options;
  put(options, {1, 1, 8, 10});
  put32(options, clock());
  put32(options, life->timestamp);
  return options;
}

TcpPacket Peer::plain(std::uint8_t flags, std::uint32_t text) const {
  TcpPacket packet = subject_.from_peer();
  packet.flags = flags;
  packet.seq = ((flags & kSyn) != 0 ? offer_.isn : next()).value();
  if ((flags & kAck) != 0) packet.ack = heard_end().value();
  packet.window = offer_.window;
  packet.payload = peer_text(packet, text);
  packet.options = options_for(packet);
  return packet;
}

void Peer::send(const TcpPacket& packet) {
  subject_.book().on_peer(packet);
  subject_.receive({scripts::encode(packet)}, (packet.flags & kRst) != 0);
}

void Peer::say_syn() {
  send(plain(kSyn, 0));
}

void Peer::say(std::uint8_t flags, std::uint32_t text) {
  send(plain(flags, text));
}

void Peer::say_fin_for(SeqNum acknowledged) {
  TcpPacket packet = plain(kFin | kAck, 0);
  packet.ack = acknowledged.value();
  send(packet);
}

// --- as the input says ---

std::uint32_t Peer::draw_offset() {
  switch (input_.below(8)) {
    case 0:
      return 0;
    case 1:
      return 1;
    case 2:
      return 0U - 1;
    case 3:
      return input_.byte();
    case 4:
      return 0U - input_.byte();
    case 5:
      return input_.word();
    case 6:
      return 0U - input_.word();
    default:
      return input_.word32();
  }
}

SeqNum Peer::draw_seq() {
  switch (input_.below(8)) {
    case 0:
    case 1:
      return next();
    case 2:
      return host_edge() + draw_offset();
    case 3:
      return offer_.isn + draw_offset();
    case 4:
      return next() + 1000 * input_.below(16);
    default:
      return next() + draw_offset();
  }
}

SeqNum Peer::draw_ack() {
  const auto& life = subject_.book().life();
  if (!life) return SeqNum{input_.word32()};
  switch (input_.below(8)) {
    case 0:
    case 1:
      return heard_end();
    case 2:
      return life->una;
    case 3:
      return life->una + heard_end().since(life->una) / 2;
    case 4:
      return life->una + 1448 * input_.below(16);
    case 5:
      return life->iss + draw_offset();
    case 6:
      return heard_end() + draw_offset();
    default:
      return life->una + draw_offset();
  }
}

void Peer::append_sack(Bytes& options) {
  const auto& life = subject_.book().life();
  const unsigned most = static_cast<unsigned>(40 - options.size() - 4) / 8;
  const unsigned blocks = std::min(1 + input_.below(4), most);
  if (!life || blocks == 0) return;
  put(options, {1, 1, 5, 2 + 8 * blocks});
  for (unsigned i = 0; i < blocks; ++i) {
    const SeqNum left = life->una + (input_.flag() ? draw_offset() : 1448 * input_.below(32));
    put32(options, left.value());
    put32(options, (left + (input_.flag() ? draw_offset() : 1448 * (1 + input_.below(8)))).value());
  }
}

Bytes Peer::draw_options(const TcpPacket& packet) {
  Bytes options;
  switch (input_.below(8)) {
    case 0:
      return options;
    case 1: {
      const auto raw = input_.take(input_.below(41));
      options.assign(raw.begin(), raw.end());
      options.resize((options.size() + 3) / 4 * 4);
      return options;
    }
    case 2:  // a clock that is off
      put(options, {1, 1, 8, 10});
      put32(options, clock() + draw_offset());
      put32(options, subject_.book().life() ? subject_.book().life()->timestamp + draw_offset() : draw_offset());
      return options;
    case 3:
      return syn_options();
    case 4:
    case 5:
      options = options_for(packet);
      if ((packet.flags & kSyn) == 0) append_sack(options);
      return options;
    default:
      return options_for(packet);
  }
}

}  // namespace weir::fuzz
