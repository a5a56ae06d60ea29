// What the host sends, and what is expected of it.
#include <algorithm>

#include "options.h"
#include "runner.h"

namespace weir::scripts {

void Runner::collect() {
  Bytes bytes(65536);
  Sent sent;
  for (int length = 0; (length = weir_next_packet(harness_.get(), bytes.data(), bytes.size(), &sent.at_ns)) > 0;) {
    sent.bytes.assign(bytes.begin(), bytes.begin() + length);
    const std::string fault = decode(sent.bytes, sent.packet);
    if (!fault.empty()) fail("the host sent a packet that is wrong: " + fault);
    note_sent(sent);
    sent_.push_back(sent);
  }
}

void Runner::note_sent(const Sent& sent) {
  const TcpPacket& packet = sent.packet;
  Flow* flow = flow_of(packet);
  if (packet.source != read_address(host_address_) || packet.destination != read_address(peer_address_))
    fail("the host sent a packet from or to another address");
  if (flow == nullptr) return trace(sent.at_ns, describe(packet, nullptr, true));
  const bool is_syn = (packet.flags & kSyn) != 0;
  if (is_syn && !flow->knows_host_isn) flow->host_isn = packet.seq, flow->knows_host_isn = true;
  const std::uint32_t fin_and_syn = (is_syn ? 1U : 0U) + ((packet.flags & kFin) != 0 ? 1U : 0U);
  const std::uint32_t end =
      packet.seq - flow->host_isn + static_cast<std::uint32_t>(packet.payload.size()) + fin_and_syn;
  if (static_cast<std::int32_t>(end - flow->host_next) > 0 && (packet.flags & kRst) == 0) flow->host_next = end;
  for (const std::string& option : describe_options(packet.options, 0)) {
    const auto words = split(option, ' ');
    if (words[0] != "TS") continue;
    flow->ts_heard = static_cast<std::uint32_t>(read_number(words[2]));
    if (is_syn) flow->host_offered_ts = true;
  }
  flow->last_heard = sent.bytes;
  trace(sent.at_ns, describe(packet, flow, true));
}

bool Runner::wait_for_packet(std::uint64_t latest) {
  collect();
  while (sent_.empty()) {
    std::uint64_t next = 0;
    if (weir_next_deadline(harness_.get(), &next) != 1 || next > latest) return false;
    go_to(std::max(next, weir_now(harness_.get()) + (next <= weir_now(harness_.get()) ? 1'000'000 : 0)));
  }
  return true;
}

void Runner::expect_packet(const Step& step) {
  const std::string flow_name = step.words.front().substr(1);
  const SegmentLine line = read_segment(step, 1);
  const bool is_exact = step.when.kind != When::Kind::kWhenever && step.when.from == step.when.to;
  const std::uint64_t tolerance = is_exact ? script_.tolerance_ns : 0;
  const std::uint64_t earliest = time_of(step.when, false), latest = time_of(step.when, true) + tolerance;
  if (!wait_for_packet(latest)) fail("expected a packet until " + seconds_text(latest) + ", got none");
  const Sent sent = sent_.front();
  sent_.pop_front();
  std::string faults;
  if (sent.at_ns + tolerance < earliest || sent.at_ns > latest)
    faults = "time: expected " + seconds_text(earliest) + (latest == earliest ? "" : " to " + seconds_text(latest)) +
             ", got " + seconds_text(sent.at_ns) + "\n";
  const Flow& expected_flow = flow(flow_name);
  const Flow* got_flow = flow_of(sent.packet);
  if (got_flow != &expected_flow) faults += "flow: the packet belongs to another connection\n";
  faults += differences(line, sent.packet, expected_flow);
  if (!faults.empty()) fail(faults + "got: " + describe(sent.packet, got_flow, true));
  now_ = is_exact ? std::max(now_, earliest) : std::max(now_, sent.at_ns);
}

void Runner::expect_nothing(const Step& step) {
  go_to(step);
  expect_none_left();
}

void Runner::expect_none_left() const {
  if (sent_.empty()) return;
  fail("the host sent at " + seconds_text(sent_.front().at_ns) + " what no line before this one expects");
}

void Runner::expect_end() {
  try {
    collect();
    expect_none_left();
  } catch (const ScriptError& error) {
    throw ScriptError(std::string{" at its end\n"} + error.what() + trace_);
  }
  connections_.clear();
  const int lost = weir_harness_free(harness_.release());
  if (lost != 0) throw ScriptError(" at its end\n" + std::to_string(lost) + " packet buffers were not given back");
}

}  // namespace weir::scripts
