// Packets as the input says: whole, in fragments, damaged; and what ICMP says of the host's.
#include "peer.h"

namespace weir::fuzz {
namespace {

constexpr std::uint8_t kUsualFlags[] = {kAck,        kAck, kAck | kPsh, kFin | kAck, kSyn,
                                        kSyn | kAck, kRst, kRst | kAck, kAck | kUrg, kAck | kEce,
                                        kAck | kCwr, kFin, kSyn | kFin, 0,           kAck | kEce | kCwr};
constexpr unsigned kBurstMax = 32;

void store16(Bytes& in, std::size_t at, unsigned value) {
  in[at] = static_cast<std::uint8_t>(value >> 8);
  in[at + 1] = static_cast<std::uint8_t>(value);
}

void finish_v4(Bytes& packet) {
  store16(packet, 10, 0);
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < 20; i += 2) sum += std::uint32_t{packet[i]} << 8 | packet[i + 1];
  while (sum > 0xffff) sum = (sum >> 16) + (sum & 0xffff);
  store16(packet, 10, ~sum & 0xffff);
}

// Bytes [from, to) of what the IP header is followed by, `from` a multiple of eight.
Bytes fragment_v4(const Bytes& whole, std::size_t from, std::size_t to, std::uint16_t id) {
  Bytes piece{whole.begin(), whole.begin() + 20};
  piece.insert(piece.end(), whole.begin() + 20 + static_cast<std::ptrdiff_t>(from),
               whole.begin() + 20 + static_cast<std::ptrdiff_t>(to));
  store16(piece, 2, static_cast<unsigned>(piece.size()));
  store16(piece, 4, id);
  store16(piece, 6, static_cast<unsigned>(from / 8) | (to + 20 < whole.size() ? 0x2000U : 0U));
  finish_v4(piece);
  return piece;
}

Bytes fragment_v6(const Bytes& whole, std::size_t from, std::size_t to, std::uint16_t id) {
  Bytes piece(48);
  std::copy_n(whole.begin(), 40, piece.begin());
  piece[40] = std::exchange(piece[6], std::uint8_t{44});
  store16(piece, 42, static_cast<unsigned>(from) | (to + 40 < whole.size() ? 1U : 0U));
  store16(piece, 46, id);
  piece.insert(piece.end(), whole.begin() + 40 + static_cast<std::ptrdiff_t>(from),
               whole.begin() + 40 + static_cast<std::ptrdiff_t>(to));
  store16(piece, 4, static_cast<unsigned>(piece.size() - 40));
  return piece;
}

// Two or three pieces; some overlap, some are missing, some come in another order.
std::vector<Bytes> fragments(const Bytes& whole, Input& input) {
  const bool is_v4 = whole[0] >> 4 == 4;
  const std::size_t length = whole.size() - (is_v4 ? 20 : 40);
  const std::uint16_t id = input.byte();
  const auto piece = [&](std::size_t from, std::size_t to) {
    return is_v4 ? fragment_v4(whole, from, to, id) : fragment_v6(whole, from, to, id);
  };
  const std::size_t cut = std::min<std::size_t>(8 * (1 + input.below(190)), length / 8 * 8);
  std::vector<Bytes> pieces{piece(0, cut), piece(cut, length)};
  const unsigned how = input.byte();
  if ((how & 1) != 0) std::swap(pieces[0], pieces[1]);
  if ((how & 6) == 6) pieces.pop_back();
  if ((how & 24) == 24) pieces.push_back(piece(cut / 16 * 8, length));
  return pieces;
}

}  // namespace

TcpPacket Peer::draw() {
  TcpPacket packet = subject_.from_peer();
  const unsigned shape = input_.byte();
  packet.flags = (shape & 7) == 7 ? input_.byte() : input_.any_of(kUsualFlags);
  packet.seq = draw_seq().value();
  if ((packet.flags & kAck) != 0) packet.ack = draw_ack().value();
  packet.window = (shape & 8) != 0 ? input_.word() : (shape & 16) != 0 ? std::uint16_t{0} : offer_.window;
  if ((packet.flags & kUrg) != 0) packet.urgent = input_.word();
  if ((shape & 32) != 0) packet.traffic_class = input_.byte();
  const std::uint32_t text = (shape & 64) != 0 ? input_.any_of<std::uint32_t>({1, 2, 100, 536, 1000, 1400}) : 0;
  packet.payload = peer_text(packet, text);
  packet.options = (shape & 128) != 0 ? draw_options(packet) : options_for(packet);
  return packet;
}

std::vector<Bytes> Peer::encode_drawn(const TcpPacket& packet) {
  Bytes whole = scripts::encode(packet);
  const unsigned how = input_.byte();
  if (how < 240) return {whole};
  if (how < 248) return fragments(whole, input_);
  const std::uint32_t bit = input_.below(static_cast<std::uint32_t>(whole.size()) * 8);  // a checksum tells
  whole[bit / 8] = static_cast<std::uint8_t>(whole[bit / 8] ^ (1U << bit % 8));
  return {whole};
}

void Peer::say_anything() {
  const TcpPacket packet = draw();
  subject_.book().on_peer(packet);
  subject_.receive(encode_drawn(packet), (packet.flags & kRst) != 0);
}

void Peer::say_burst() {
  std::vector<Bytes> burst;
  for (unsigned left = 1 + input_.below(8); left > 0 && burst.size() < kBurstMax; --left) {
    const TcpPacket packet = draw();
    subject_.book().on_peer(packet);
    for (Bytes& piece : encode_drawn(packet)) burst.push_back(std::move(piece));
  }
  subject_.receive(burst);
}

// About the host's last packet, at a sequence number that may be another.
void Peer::say_icmp_error() {
  Bytes about = subject_.book().last_of_host();
  if (about.empty()) return;
  TcpPacket quoted;
  static_cast<void>(scripts::decode(about, quoted));
  quoted.seq += input_.flag() ? draw_offset() : 0;
  scripts::IcmpError error;
  error.type = subject_.is_v4() ? input_.any_of<std::uint8_t>({3, 3, 3, 4, 5, 11, 12})
                                : static_cast<std::uint8_t>(input_.below(6));
  error.code = input_.any_of<std::uint8_t>({4, 3, 2, 1, 0, 13});
  error.rest = input_.any_of<std::uint32_t>({1400, 576, 1280, 0, 68, 1500, 65'535});
  subject_.receive({scripts::encode(error, subject_.router(), scripts::encode(quoted))});
}

}  // namespace weir::fuzz
