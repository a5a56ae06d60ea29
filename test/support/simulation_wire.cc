// The wire of a simulation: what hosts send, through links, to those it is for.
#include <cstdio>

#include <weir/wire/build.h>
#include <weir/wire/describe.h>
#include <weir/wire/parse.h>

#include "support/packet_bytes.h"
#include "support/simulation.h"

namespace weir::testing {

void Simulation::inject(Packet packet, const std::string& from) {
  send(from, nullptr, std::move(packet));
}

void Simulation::send(const std::string& from, SimHost* sender, Packet packet) {
  wire::finish_checksums(packet);
  std::vector<std::uint8_t> bytes(packet.length());
  packet.copy_to(0, bytes);
  const Sent sent = look_at(sender, bytes);
  SimHost* to = find(sent.ip.destination);
  if (to == nullptr) return note(from, sent, "  (to nobody)");
  if (filter && !filter(from, sent.ip, sent.segment)) return to->link_.count_lost(), note(from, sent, "  (lost)");
  note(from, sent, "");
  pass(*to, std::move(bytes), sent);
}

Simulation::Sent Simulation::look_at(SimHost* sender, std::span<const std::uint8_t> bytes) {
  Sent sent;
  const auto length = static_cast<std::uint32_t>(bytes.size());
  if (wire::parse_ip(bytes, length, true, sent.ip) != WireError::kNone) return sent;
  const auto tcp = bytes.subspan(sent.ip.header_length);
  sent.is_tcp = sent.ip.protocol == static_cast<std::uint8_t>(IpProtocol::kTcp) &&
                wire::parse_tcp(tcp, sent.ip, sent.segment) == WireError::kNone;
  if (sent.is_tcp && sender != nullptr && on_sent)
    on_sent({*sender, sent.ip, sent.segment, tcp.subspan(sent.segment.header_length), length});
  return sent;
}

void Simulation::pass(SimHost& to, std::vector<std::uint8_t> bytes, const Sent& sent) {
  const LinkSettings& settings = settings_towards(to);
  const bool is_capable = sent.ip.ecn == Ecn::kEct0 || sent.ip.ecn == Ecn::kEct1;
  const auto length = static_cast<std::uint32_t>(bytes.size());
  const Passage passage = to.link_.pass(settings, now_, length, is_capable, random_);
  if (passage.fate == Fate::kTooBig) answer_too_big(bytes, sent.ip, settings.mtu);
  if (passage.fate != Fate::kPassed) return note("   link", sent, to_string(passage.fate));
  if (passage.is_marked) set_congestion_experienced(bytes);
  if (passage.copies == 2) in_flight_.push(passage.arrival[1], to, bytes);
  if (tamper) tamper(bytes);
  if (passage.is_corrupted) corrupt(bytes);
  in_flight_.push(passage.arrival[0], to, std::move(bytes));
}

void Simulation::corrupt(std::vector<std::uint8_t>& bytes) {
  const std::uint32_t bit = random_.below(static_cast<std::uint32_t>(bytes.size()) * 8);
  bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (1U << (bit % 8)));
}

// Said by the router before the link; its words may be lost as others are.
void Simulation::answer_too_big(std::span<const std::uint8_t> bytes, const IpHeader& ip, std::uint16_t mtu) {
  SimHost* sender = find(ip.source);
  if (sender == nullptr) return;
  const Passage passage = sender->link_.pass(settings_towards(*sender), now_, 68, false, random_);
  if (passage.fate == Fate::kPassed) in_flight_.push(passage.arrival[0], *sender, icmp_too_big(bytes, ip, mtu));
}

const LinkSettings& Simulation::settings_towards(const SimHost& to) const {
  const auto own = links.find(to.name());
  return own == links.end() ? link : own->second;
}

SimHost* Simulation::find(const IpAddress& address) {
  for (auto& host : hosts_)
    if (host->host().is_local(address)) return host.get();
  return nullptr;
}

// All that reaches the first packet's host at this instant: a burst, as a NIC would hand it over.
void Simulation::deliver_burst() {
  SimHost& to = *in_flight_.first().to;
  if (to.paused_until_ > now_) {
    Flight flight = in_flight_.pop();
    to.link_.count_postponed();
    return in_flight_.push(to.paused_until_, to, std::move(flight.bytes));
  }
  std::vector<rte_mbuf*> burst;
  while (!in_flight_.is_empty() && in_flight_.first().to == &to && in_flight_.first().arrival <= now_ &&
         burst.size() < kBurst)
    deliver_one(in_flight_.pop(), burst);
  to.host().on_burst(burst, to.now());
  turn(to);
}

// Copied into the receiver's pool, as a NIC would.
void Simulation::deliver_one(const Flight& flight, std::vector<rte_mbuf*>& burst) {
  SimHost& to = *flight.to;
  Packet copy = to.packets().copy(flight.bytes);
  if (!copy) return to.link_.count_no_buffer();
  if (on_delivered) sighted(to, flight.bytes);
  burst.push_back(copy.release());
}

void Simulation::sighted(SimHost& at, std::span<const std::uint8_t> bytes) {
  IpHeader ip;
  Segment segment;
  const auto length = static_cast<std::uint32_t>(bytes.size());
  if (wire::parse_ip(bytes, length, false, ip) != WireError::kNone) return;
  if (ip.protocol != static_cast<std::uint8_t>(IpProtocol::kTcp) || !is_checksum_right(bytes, ip)) return;
  const auto tcp = bytes.subspan(ip.header_length);
  if (wire::parse_tcp(tcp, ip, segment) != WireError::kNone) return;
  on_delivered({at, ip, segment, tcp.subspan(segment.header_length, segment.payload_length), length});
}

void Simulation::note(const std::string& from, const Sent& sent, const char* note) {
  if (trace_.size() == kTraceLines) trace_.pop_front();
  trace_.push_back({now_, from, sent.ip, sent.segment, note});
  if (on_trace) on_trace(describe(trace_.back()));
}

std::string Simulation::describe(const Line& line) const {
  char stamp[32];
  std::snprintf(stamp, sizeof stamp, "%12.6f ", std::chrono::duration<double>(line.at - start_).count());
  return stamp + line.from + ": " + wire::describe(line.ip, line.segment) + line.note;
}

std::string Simulation::trace() const {
  std::string all;
  for (const Line& line : trace_) all += describe(line) + "\n";
  return all;
}

}  // namespace weir::testing
