// The life of one connection of the generator's.
#include <weir/load/generator.h>
#include <weir/load/pattern.h>

#include <array>

namespace weir::load {
namespace {

Failure failure_of(tcp::CloseReason reason) {
  switch (reason) {
    case tcp::CloseReason::kRefused:
      return Failure::kRefused;
    case tcp::CloseReason::kTimeout:
    case tcp::CloseReason::kKeepAlive:
      return Failure::kTimeout;
    case tcp::CloseReason::kUnreachable:
      return Failure::kUnreachable;
    case tcp::CloseReason::kNoResources:
      return Failure::kNoResources;
    case tcp::CloseReason::kNone:
    case tcp::CloseReason::kNormal:
      return Failure::kClosedEarly;
    case tcp::CloseReason::kReset:
    case tcp::CloseReason::kAborted:
      break;
  }
  return Failure::kReset;
}

}  // namespace

void Generator::on_event(const stack::Event& event) {
  const std::uint32_t index = event.user;
  if (!is_alive(index, event.connection)) return;
  if ((event.what & tcp::kOpened) != 0) on_opened(index);
  if ((event.what & tcp::kReadable) != 0 && is_alive(index, event.connection)) read(index);
  if ((event.what & tcp::kPeerClosed) != 0 && is_alive(index, event.connection)) on_peers_end(index);
  if ((event.what & tcp::kWritable) != 0 && is_alive(index, event.connection)) upload(index);
  if ((event.what & tcp::kClosed) != 0 && is_alive(index, event.connection)) on_closed(index, event.reason);
}

void Generator::on_opened(std::uint32_t index) {
  Visit& visit = visits_[index];
  counts().opened.add();
  latencies().handshake.record(now_ - visit.intended);
  --opening_;
  visit.phase = VisitPhase::kAsking;
  if (config_.mode == GeneratorMode::kConnections) {
    if (config_.protocol == GeneratorProtocol::kNone) begin_close(index);
    return;  // a request, if there is one, is under way
  }
  if (draining_) return begin_close(index);
  unlist(index);
  const bool waits = config_.mode == GeneratorMode::kRequests && schedule_.is_running();
  const bool is_held_only = config_.mode == GeneratorMode::kConcurrent && !has_request();
  waits || is_held_only ? rest(index) : ask(index, now_);
}

void Generator::ask(std::uint32_t index, Instant intended) {
  Visit& visit = visits_[index];
  visit.intended = intended;
  visit.is_answered = false;
  visit.received = 0;
  visit.phase = VisitPhase::kAsking;
  visit.reader.reset(extras_);
  await(index);
  if (is_stream() && config_.transfer == Transfer::kUpload) return upload(index);
  if (has_request()) send_request(index);
}

void Generator::ask_again(std::uint32_t index) {
  unlist(index);
  visits_[index].phase = VisitPhase::kResting;
  if (config_.mode == GeneratorMode::kConcurrent || schedule_.is_running()) return rest(index);
  ask(index, now_);
}

bool Generator::send_request(std::uint32_t index) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(config_.request.data());
  const std::uint32_t taken = host_->send(visits_[index].id, {bytes, config_.request.size()});
  counts().requests.add();
  counts().bytes_out.add(taken);
  if (taken == config_.request.size()) return true;
  fail(index, Failure::kNoResources);
  return false;
}

// As much as there is room for; kWritable asks for more.
void Generator::upload(std::uint32_t index) {
  if (!is_stream() || config_.transfer != Transfer::kUpload) return;
  Visit& visit = visits_[index];
  std::array<std::uint8_t, kUploadPiece> piece;
  fill_numbered_lines(piece, visit.received);
  std::uint32_t taken = 0;
  for (unsigned i = 0; i < kStartsMax; ++i) {
    taken = host_->send(visit.id, piece);
    visit.received += taken;
    counts().bytes_out.add(taken);
    if (taken < piece.size()) break;
  }
  unlist(index);
  await(index);
}

void Generator::begin_close(std::uint32_t index) {
  Visit& visit = visits_[index];
  visit.phase = VisitPhase::kClosing;
  unlist(index);
  if (config_.closes_first == FirstToClose::kReset) return succeed(index);
  await(index);
  if (config_.closes_first == FirstToClose::kClient || config_.keeps_connections()) host_->shutdown(visit.id);
}

void Generator::on_closed(std::uint32_t index, tcp::CloseReason reason) {
  if (visits_[index].phase == VisitPhase::kClosing && reason == tcp::CloseReason::kNormal) return succeed(index);
  fail(index, failure_of(reason));
}

void Generator::succeed(std::uint32_t index) {
  counts().closed.add();
  if (config_.protocol == GeneratorProtocol::kNone) latencies().total.record(now_ - visits_[index].intended);
  release(index);
}

void Generator::fail(std::uint32_t index, Failure failure) {
  counts().failed[static_cast<std::size_t>(failure)].add();
  release(index);
}

// Whatever is still open is reset; what has ended is let go of.
void Generator::release(std::uint32_t index) {
  Visit& visit = visits_[index];
  unlist(index);
  if (visit.phase == VisitPhase::kOpening) --opening_;
  host_->abort(visit.id);
  visit.reader.reset(extras_);
  visit.id = {};
  visits_.free(index);
  counts().open.subtract();
}

void Generator::await(std::uint32_t index) {
  awaiting_.push_back(index, tick() + static_cast<std::uint32_t>(config_.timeout.count()));
}

void Generator::rest(std::uint32_t index) {
  visits_[index].phase = VisitPhase::kResting;
  resting_.push_back(index, tick() + static_cast<std::uint32_t>(config_.interval.count()));
}

void Generator::unlist(std::uint32_t index) {
  if (visits_[index].list == VisitListName::kAwaiting) awaiting_.remove(index);
  if (visits_[index].list == VisitListName::kResting) resting_.remove(index);
}

}  // namespace weir::load
