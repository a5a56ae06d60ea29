#include "subject.h"

#include <weir/wire/build.h>

namespace weir::fuzz {

Subject::Subject(const stack::HostConfig& config, bool is_v4)
    : packets_(packets_of(0)),
      outbox_(&Subject::on_flush, this),
      host_address_(scripts::read_address(is_v4 ? "192.0.2.2" : "2001:db8::2")),
      peer_address_(scripts::read_address(is_v4 ? "192.0.2.1" : "2001:db8::1")),
      now_(1'000'000s),
      host_(std::make_unique<stack::Host>(config, outbox_, packets_, now_)) {
  host_->add_address(IpAddress::parse(is_v4 ? "192.0.2.2" : "2001:db8::2").value(), 1500);
}

Subject::~Subject() {
  outbox_.flush();
  host_.reset();
}

void Subject::on_flush(void* self, std::span<rte_mbuf*> batch) {
  for (rte_mbuf* mbuf : batch) {
    Packet packet{mbuf};
    wire::finish_checksums(packet);
    Bytes& bytes = static_cast<Subject*>(self)->sent_.emplace_back(packet.length());
    packet.copy_to(0, bytes);
  }
}

TcpPacket Subject::from_peer() const {
  TcpPacket packet;
  packet.source = peer_address_;
  packet.destination = host_address_;
  packet.source_port = kPeerPort;
  packet.destination_port = kHostPort;
  return packet;
}

void Subject::look() {
  outbox_.flush();
  expect(sent_.size() <= kAnswersMax, "packets without end");
  const std::vector<Bytes> sent = std::exchange(sent_, {});
  for (const Bytes& bytes : sent) book_.on_host(bytes);
  forget_opening();
  take_events();
  judge_held();
}

// It ended before a packet was there for its SYN.
void Subject::forget_opening() {
  const auto info = host_->info(opening_);
  if (!info || info->state == tcp::State::kClosed) book_.forget_opening();
}

void Subject::take_events() {
  constexpr unsigned kEventsMax = 64;
  unsigned events = 0;
  while (const auto event = host_->next_event()) {
    expect(++events <= kEventsMax, "events without end");
    expect(!event->connection || host_->is_alive(event->connection), "an event of a connection that was let go");
  }
}

void Subject::judge_held() {
  for (const Held& held : held_) {
    const auto info = host_->info(held.id);
    if (!info) continue;
    const std::uint64_t written = held.written->bytes.size();
    expect(info->unacknowledged <= written + 2, "more in flight than was written");
    expect(std::uint64_t{info->unsent} + info->unacknowledged <= written + 2, "more queued than was written");
    // Without SACK `sacked` is what duplicate ACKs stand for, which may be the very bytes that count as lost.
    const std::uint64_t marked =
        info->sack ? std::uint64_t{info->sacked} + info->lost : std::max(info->sacked, info->lost);
    expect(marked <= info->unacknowledged, "more marked than is in flight");
    expect(info->rcv_wnd < 1U << 30, "a window beyond what is allowed");
    expect(info->mss > 0, "an MSS of 0");
  }
}

void Subject::receive(const std::vector<Bytes>& burst, bool is_reset) {
  std::vector<rte_mbuf*> packets;
  for (const Bytes& bytes : burst)
    if (Packet packet = packets_.copy(bytes)) packets.push_back(packet.release());
  host_->on_burst(packets, now_);
  book_.may_reset = !is_reset;
  look();
  book_.may_reset = true;
}

void Subject::advance_to_deadline() {
  const auto deadline = host_->next_deadline();
  if (!deadline) return;
  now_ = std::max(now_, *deadline);
  while (host_->advance(now_)) look();
  look();
}

// What finds no packet is tried again every few milliseconds, for as long as there is none.
void Subject::advance(Duration duration) {
  constexpr Duration kShortMax = 1min;
  const Instant end = now_ + (hoarded_.empty() ? duration : std::min(duration, kShortMax));
  for (unsigned turns = 0;; ++turns) {
    expect(turns < kTurnsMax, "timers without end");
    const auto deadline = host_->next_deadline();
    if (!deadline || *deadline > end) break;
    advance_to_deadline();
  }
  now_ = end;
  host_->advance(now_);
  look();
}

void Subject::hoard(std::uint32_t left) {
  book_.run_short();
  while (packets_.available() > left) hoarded_.push_back(packets_.allocate());
}

void Subject::give_back() {
  hoarded_.clear();
  book_.end_shortage();
}

void Subject::finish() {
  give_back();
  for (const Held& held : held_) static_cast<void>(host_->abort(held.id));
  stop_listening();
  look();
  host_->cancel_timer();
  for (unsigned turns = 0; host_->next_deadline(); ++turns) {
    expect(turns < kTurnsMax, "timers without end");
    advance_to_deadline();
  }
  expect_all_given_back(*host_, packets_, "host");
}

}  // namespace weir::fuzz
