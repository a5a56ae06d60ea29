// HTTP/1.1 connections: one request after the other, each answered before the next is read.
#include <weir/load/http_answer.h>
#include <weir/load/server.h>

#include <algorithm>
#include <utility>

namespace weir::load {

bool Server::serve_http(Session& session) {
  for (unsigned i = 0; i < kStepsMax; ++i) {
    if (session.finished) return throw_away_input(session);
    if (!step_http(session)) return false;
  }
  return true;
}

bool Server::step_http(Session& session) {
  if (session.request == kNoIndex) return read_head(session);
  switch (request_of(session).phase) {
    case HttpPhase::kHead:
      return read_head(session);
    case HttpPhase::kContinue:
      return send_continue(session);
    case HttpPhase::kBody:
      return read_body(session);
    case HttpPhase::kAnswer:
      return send_answer(session);
  }
  return false;
}

bool Server::begin_request(Session& session) {
  session.request = requests_.allocate();
  session.refused = session.request == kNoIndex;
  return !session.refused;
}

void Server::end_request(Session& session) {
  if (session.request != kNoIndex) requests_.free(std::exchange(session.request, kNoIndex));
}

bool Server::read_head(Session& session) {
  Packet packet = next_input(session);
  if (!packet) {
    const bool is_at_start = session.request == kNoIndex || request_of(session).head.is_at_start();
    if ((draining_ && is_at_start) || host_->at_end(session.id)) finish(session);
    return false;
  }
  if (session.request == kNoIndex && !begin_request(session)) return false;
  HttpHeadReader& head = request_of(session).head;
  const ReadProgress progress = head.feed(packet.data(), config_of(session).header_bytes);
  keep_rest(session, std::move(packet), progress.consumed);
  if (progress.result == ReadResult::kDone) on_request(session);
  if (progress.result == ReadResult::kBad) refuse(session, head.status());
  return true;
}

void Server::on_request(Session& session) {
  HttpState& http = request_of(session);
  const HttpRequest& request = http.head.request();
  moved(session);
  http.keep_alive = request.keep_alive;
  http.body_left = request.content_length;
  if (request.content_length > config_of(session).largest_body) return refuse(session, kContentTooLarge);
  if (request.content_length == 0 && !request.chunked) return answer_request(session);
  const bool ask = request.expects_continue && request.minor_version == 1;
  http.phase = ask ? HttpPhase::kContinue : HttpPhase::kBody;
}

bool Server::send_continue(Session& session) {
  const HttpHead head{kContinue, 0, true, 1};
  HttpState& http = request_of(session);
  const auto rest = head.bytes().subspan(http.answered);
  const std::uint32_t taken = host_->send(session.id, rest);
  http.answered += taken;
  counts_of(session).bytes_out.add(taken);
  if (taken < rest.size()) return false;
  http.answered = 0;
  http.phase = HttpPhase::kBody;
  return true;
}

bool Server::read_body(Session& session) {
  Packet packet = next_input(session);
  if (!packet) {
    if (host_->at_end(session.id)) finish(session);
    return false;
  }
  const ReadProgress progress = feed_body(session, packet.data());
  keep_rest(session, std::move(packet), progress.consumed);
  moved(session);
  if (progress.result == ReadResult::kBad) {
    refuse(session, kBadRequest);
  } else if (request_of(session).chunks.body_bytes() > config_of(session).largest_body) {
    refuse(session, kContentTooLarge);
  } else if (progress.result == ReadResult::kDone) {
    answer_request(session);
  }
  return true;
}

ReadProgress Server::feed_body(Session& session, std::span<const std::uint8_t> bytes) {
  HttpState& http = request_of(session);
  if (http.head.request().chunked) return http.chunks.feed(bytes);
  const std::size_t taken = std::min<std::uint64_t>(http.body_left, bytes.size());
  http.body_left -= taken;
  return {taken, http.body_left == 0 ? ReadResult::kDone : ReadResult::kMore};
}

// Where the next request would begin is not known any more: the connection ends after the answer.
void Server::refuse(Session& session, HttpStatus status) {
  request_of(session).keep_alive = false;
  begin_answer(session, status, 0);
}

void Server::keep_rest(Session& session, Packet packet, std::size_t used) {
  counts_of(session).bytes_in.add(used);
  if (used == packet.length()) return;
  packet.trim_front(static_cast<std::uint32_t>(used));
  session.pending = std::move(packet);
}

}  // namespace weir::load
