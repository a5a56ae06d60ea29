// What comes back.
#include <weir/load/generator.h>

namespace weir::load {

void Generator::read(std::uint32_t index) {
  const stack::ConnectionId id = visits_[index].id;
  bool has_read = false;
  while (const Packet packet = host_->receive(id)) {
    counts().bytes_in.add(packet.length());
    has_read = true;
    if (!on_bytes(index, packet.data())) return;
  }
  if (!has_read || config_.mode != GeneratorMode::kThroughput || !is_alive(index, id)) return;
  if (visits_[index].list != VisitListName::kAwaiting) return;
  unlist(index);
  await(index);  // as long as something moves
}

// False when the connection is gone.
bool Generator::on_bytes(std::uint32_t index, std::span<const std::uint8_t> bytes) {
  Visit& visit = visits_[index];
  note_first_byte(visit);
  if (is_stream() || config_.protocol == GeneratorProtocol::kNone) return true;
  // Nobody asked for it.
  if (visit.phase == VisitPhase::kResting || visit.phase == VisitPhase::kClosing)
    return fail(index, Failure::kBadAnswer), false;
  return config_.protocol == GeneratorProtocol::kHttp ? on_http_bytes(index, bytes) : on_raw_bytes(index, bytes.size());
}

void Generator::note_first_byte(Visit& visit) {
  if (visit.is_answered) return;
  visit.is_answered = true;
  latencies().first_byte.record(now_ - visit.intended);
}

bool Generator::on_http_bytes(std::uint32_t index, std::span<const std::uint8_t> bytes) {
  HttpResponseReader& reader = visits_[index].reader;
  const ReadProgress progress = reader.feed(bytes, extras_);
  if (progress.result == ReadResult::kMore) return true;
  const bool has_memory = reader.fault() != HttpFault::kNoMemory;
  if (!has_memory) return fail(index, Failure::kNoResources), false;
  if (progress.result == ReadResult::kBad || progress.consumed < bytes.size())
    return fail(index, Failure::kBadAnswer), false;
  return on_answer(index);
}

bool Generator::on_raw_bytes(std::uint32_t index, std::uint64_t count) {
  Visit& visit = visits_[index];
  visit.received += count;
  if (config_.answer_bytes == 0 || visit.received < config_.answer_bytes) return true;
  if (visit.received > config_.answer_bytes) return fail(index, Failure::kBadAnswer), false;
  return on_answer(index);
}

bool Generator::on_answer(std::uint32_t index) {
  Visit& visit = visits_[index];
  if (config_.protocol == GeneratorProtocol::kHttp && visit.reader.status() != config_.status)
    return fail(index, Failure::kBadStatus), false;
  counts().answered.add();
  latencies().total.record(now_ - visit.intended);
  if (config_.keeps_connections() && !draining_) {
    const bool goes_on = config_.protocol != GeneratorProtocol::kHttp || visit.reader.keep_alive();
    if (goes_on) {
      const stack::ConnectionId id = visit.id;
      ask_again(index);
      return is_alive(index, id);
    }
    visit.phase = VisitPhase::kClosing;  // the server said that it will close
    return true;
  }
  const stack::ConnectionId id = visit.id;
  begin_close(index);
  return is_alive(index, id);
}

// What it sent before has been read. Our side has answered its FIN (close_with_peer).
void Generator::on_peers_end(std::uint32_t index) {
  Visit& visit = visits_[index];
  if (visit.phase == VisitPhase::kClosing) return;
  const bool is_asking = visit.phase == VisitPhase::kAsking;
  const bool http_ends = config_.protocol == GeneratorProtocol::kHttp && visit.reader.on_end() == ReadResult::kDone;
  const bool raw_ends = config_.protocol == GeneratorProtocol::kRaw && config_.answer_bytes == 0 && !is_stream();
  if (!is_asking || !(http_ends || raw_ends)) return fail(index, Failure::kClosedEarly);
  const stack::ConnectionId id = visit.id;
  if (on_answer(index) && is_alive(index, id)) visits_[index].phase = VisitPhase::kClosing;
}

}  // namespace weir::load
