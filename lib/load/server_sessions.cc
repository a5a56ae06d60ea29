// The life of a served connection, whatever it is served.
#include <weir/load/server.h>

#include <utility>

namespace weir::load {

void Server::begin(std::uint16_t server, stack::ConnectionId client) {
  ServerCounts& counts = board_.counts(worker_, server);
  counts.total.add();
  const std::uint32_t index = pool_.allocate();
  if (index == kNoIndex) {
    counts.no_resources.add();
    host_->abort(client);
    return;
  }
  live_[index] = true;
  counts.open.add();
  Session& session = pool_[index];
  session.server = server;
  session.id = client;
  moved(session);
  host_->set_user(client, index);
  wheel_->arm(index, now() + static_cast<std::uint32_t>(config_of(session).idle.count()));
  serve(index);
}

void Server::on_event(const stack::Event& event) {
  const std::uint32_t index = event.user;
  if (index >= pool_.capacity() || !live_[index] || pool_[index].id != event.connection) return;
  if ((event.what & tcp::kClosed) != 0) return on_closed(index, event.reason);
  serve(index);
}

void Server::serve(std::uint32_t index) {
  const bool is_more = serve_some(pool_[index]);
  if (pool_[index].refused) return refuse_connection(index);
  if (is_more) resume_later(index);
}

void Server::refuse_connection(std::uint32_t index) {
  counts_of(pool_[index]).no_resources.add();
  end(index, true);
}

bool Server::serve_some(Session& session) {
  if (session.finished) return throw_away_input(session);
  switch (config_of(session).kind) {
    case ServerKind::kHttp:
      return serve_http(session);
    case ServerKind::kEcho:
      return serve_echo(session);
    case ServerKind::kDiscard:
      return serve_discard(session);
    case ServerKind::kChargen:
      return serve_chargen(session);
  }
  return false;
}

// We closed our side first and the client still sends: read on, so that it is not answered with a reset before it has
// read our last bytes. It does not count as movement: the idle timeout ends it.
bool Server::throw_away_input(Session& session) {
  session.pending.reset();
  for (unsigned i = 0; i < kStepsMax; ++i) {
    const Packet packet = host_->receive(session.id);
    if (!packet) return false;
    counts_of(session).bytes_in.add(packet.length());
  }
  return true;
}

void Server::finish(Session& session) {
  session.finished = true;
  moved(session);
  host_->shutdown(session.id);
}

void Server::on_closed(std::uint32_t index, tcp::CloseReason reason) {
  if (reason != tcp::CloseReason::kNormal) counts_of(pool_[index]).resets.add();
  end(index, false);
}

// Armed lazily: what moved since is looked at now.
void Server::on_expired(std::uint32_t index) {
  Session& session = pool_[index];
  const auto idle = static_cast<std::uint32_t>(config_of(session).idle.count());
  if (now().since(session.last_moved) >= idle) {
    if (!has_progressed(session)) {
      counts_of(session).idle_timeouts.add();
      return end(index, true);
    }
    moved(session);
  }
  wheel_->arm(index, session.last_moved + idle);
}

// A slow client that still acknowledges is not an idle one. Seen at most once per timeout, so a client that stalls
// with bytes outstanding is given up after twice the timeout at the latest.
bool Server::has_progressed(Session& session) {
  const auto info = host_->info(session.id);
  const std::uint32_t outstanding = info ? info->unsent + info->unacknowledged : 0;
  return outstanding != 0 && std::exchange(session.outstanding, outstanding) != outstanding;
}

void Server::end(std::uint32_t index, bool abort) {
  Session& session = pool_[index];
  if (abort) {
    host_->abort(session.id);
  } else {
    host_->close(session.id);
  }
  end_request(session);
  counts_of(session).open.subtract();
  wheel_->cancel(index);
  live_[index] = false;
  pool_.free(index);
}

void Server::resume_later(std::uint32_t index) {
  if (pool_[index].resume) return;
  pool_[index].resume = true;
  to_resume_.push_back(index);
}

void Server::resume() {
  std::swap(to_resume_, resuming_);
  for (const std::uint32_t index : resuming_) {
    if (!live_[index] || !pool_[index].resume) continue;
    pool_[index].resume = false;
    serve(index);
  }
  resuming_.clear();
}

}  // namespace weir::load
