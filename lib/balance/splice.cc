// Sessions while both connections are open: payload from one to the other, packet by packet, never copied.
#include <weir/balance/sessions.h>

namespace weir::balance {

void Sessions::on_open(std::uint32_t index, Side side, std::uint8_t what) {
  if ((what & tcp::kClosed) != 0) return on_closed(index, side);
  if ((what & (tcp::kReadable | tcp::kPeerClosed)) != 0) pump(index, side);
  if (live_[index] && (what & tcp::kWritable) != 0) pump(index, other(side));
}

// Moves what there is from one side to the other, then its end of stream. Bounded by what fits a receive buffer:
// nothing arrives meanwhile. Where the other side lacks room, its kWritable calls again.
void Sessions::pump(std::uint32_t index, Side from) {
  Session& session = pool_[index];
  const SessionEnd& source = session.end(from);
  if (source.passed) return;
  std::uint64_t bytes = 0;
  while (const std::uint32_t moved = host_.splice(source.id, session.end(other(from)).id)) bytes += moved;
  if (bytes != 0) count_bytes(session, from, bytes);
  if (host_.at_end(source.id)) pass_end(index, from);
}

void Sessions::count_bytes(Session& session, Side from, std::uint64_t bytes) {
  BackendCounts& counts = service_of(session).counts_of(session.backend());
  (from == Side::kClient ? counts.bytes_in : counts.bytes_out).add(bytes);
  session.last_moved = now();
}

// Half-close: the other direction goes on.
void Sessions::pass_end(std::uint32_t index, Side from) {
  Session& session = pool_[index];
  session.end(from).passed = true;
  session.last_moved = now();
  host_.shutdown(session.end(other(from)).id);
  arm_quiet(index);
}

}  // namespace weir::balance
