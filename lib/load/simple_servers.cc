// Echo, discard and chargen: RFC 862, 863, 864.
#include <weir/load/pattern.h>
#include <weir/load/server.h>

#include <algorithm>

namespace weir::load {

// Packets go back as they came, uncopied. What finds no room stays unread, so that nothing more is sent to us. Bounded
// by what fits a receive buffer.
bool Server::serve_echo(Session& session) {
  while (const std::uint32_t bytes = host_->splice(session.id, session.id)) {
    counts_of(session).bytes_in.add(bytes);
    counts_of(session).bytes_out.add(bytes);
    moved(session);
  }
  if (host_->at_end(session.id)) finish(session);
  return false;
}

bool Server::serve_discard(Session& session) {
  for (unsigned i = 0; i < kStepsMax; ++i) {
    const Packet packet = host_->receive(session.id);
    if (!packet) {
      if (host_->at_end(session.id)) finish(session);
      return false;
    }
    counts_of(session).bytes_in.add(packet.length());
    moved(session);
  }
  return true;
}

bool Server::serve_chargen(Session& session) {
  const bool more_input = throw_away_input(session);
  if (draining_ || host_->at_end(session.id)) {
    finish(session);
    return more_input;
  }
  std::array<std::uint8_t, kPieceMax> piece;
  for (unsigned i = 0; i < kStepsMax; ++i) {
    const auto size = std::clamp<std::size_t>(host_->send_room(session.id), 1, piece.size());
    const std::span<std::uint8_t> bytes{piece.data(), size};
    fill_chargen(bytes, session.sent);
    const std::uint32_t taken = host_->send(session.id, bytes);
    session.sent += taken;
    counts_of(session).bytes_out.add(taken);
    if (taken != 0) moved(session);
    if (taken < size) return more_input;
  }
  return true;
}

Packet Server::next_input(Session& session) {
  if (session.pending) return std::move(session.pending);
  return host_->receive(session.id);
}

}  // namespace weir::load
