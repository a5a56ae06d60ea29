// HTTP answers: head and body are made up piece by piece, as there is room to send them.
#include <weir/load/http_answer.h>
#include <weir/load/pattern.h>
#include <weir/load/server.h>

#include <algorithm>

namespace weir::load {
namespace {

// The bytes of the answer from `at` on.
void fill_answer(std::span<std::uint8_t> out, const HttpHead& head, std::uint64_t at) {
  const std::size_t head_size = head.bytes().size();
  if (at < head_size) {
    const std::size_t taken = std::min(out.size(), head_size - static_cast<std::size_t>(at));
    std::ranges::copy(head.bytes().subspan(static_cast<std::size_t>(at), taken), out.begin());
    out = out.subspan(taken);
    at += taken;
  }
  fill_numbered_lines(out, at - head_size);
}

}  // namespace

void Server::answer_request(Session& session) {
  const HttpRequest& request = request_of(session).head.request();
  const ServerConfig& config = config_of(session);
  if (request.bytes && *request.bytes > config.largest_body) return begin_answer(session, kNotFound, 0);
  begin_answer(session, kOk, request.bytes.value_or(config.body_bytes));
}

void Server::begin_answer(Session& session, HttpStatus status, std::uint64_t body) {
  HttpState& http = request_of(session);
  counts_of(session).requests.add();
  if (status != kOk) counts_of(session).bad_requests.add();
  http.status = status;
  http.keep_alive = http.keep_alive && !draining_;
  http.answer_length = body;
  http.answer_body = http.head.request().method == HttpMethod::kHead ? 0 : body;
  http.answered = 0;
  http.phase = HttpPhase::kAnswer;
}

bool Server::send_answer(Session& session) {
  HttpState& http = request_of(session);
  const HttpHead head{http.status, http.answer_length, http.keep_alive, http.head.request().minor_version};
  const std::uint64_t left = head.bytes().size() + http.answer_body - http.answered;
  const std::uint64_t room = std::max<std::uint32_t>(1, host_->send_room(session.id));
  std::array<std::uint8_t, kPieceMax> piece;
  const std::span<std::uint8_t> bytes{piece.data(), std::min({left, room, std::uint64_t{kPieceMax}})};
  fill_answer(bytes, head, http.answered);
  const bool is_last = bytes.size() == left && !http.keep_alive;
  const std::uint32_t taken = is_last ? host_->send_last(session.id, bytes) : host_->send(session.id, bytes);
  http.answered += taken;
  counts_of(session).bytes_out.add(taken);
  if (taken != 0) moved(session);
  if (taken == left) on_answered(session);
  return taken == bytes.size();
}

void Server::on_answered(Session& session) {
  const bool keep_alive = request_of(session).keep_alive;
  end_request(session);
  if (!keep_alive) finish(session);
}

}  // namespace weir::load
