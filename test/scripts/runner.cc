#include "runner.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace weir::scripts {

namespace {

constexpr std::uint64_t kForever = 20'000'000'000'000;  // 20,000 s: what "*" waits at most
constexpr std::uint16_t kFirstPeerPort = 40000;

struct SettingsDeleter {
  void operator()(weir_settings* settings) const { weir_settings_free(settings); }
};

void set(weir_settings* settings, const std::string& key, const std::string& value) {
  const int error = weir_settings_set(settings, key.c_str(), value.c_str());
  if (error != WEIR_OK) throw ScriptError("set " + key + "=" + value + ": " + weir_error_text(error));
}

weir_harness* make_harness(const Script& script, const Variant& variant) {
  const std::unique_ptr<weir_settings, SettingsDeleter> settings{weir_settings_new()};
  set(settings.get(), "iss", std::to_string(variant.host_isn));
  set(settings.get(), "timestamp_start", "1000");
  for (const auto& [key, value] : script.settings) set(settings.get(), key, value);
  weir_harness* harness = nullptr;
  const int error = weir_harness_new(settings.get(), &harness);
  if (error != WEIR_OK) throw ScriptError(std::string{"no host: "} + weir_error_text(error) + weir_start_error());
  return harness;
}

std::string seconds(std::uint64_t ns) {
  std::array<char, 40> text;
  std::snprintf(text.data(), text.size(), "%llu.%06llu", static_cast<unsigned long long>(ns / 1'000'000'000),
                static_cast<unsigned long long>(ns / 1000 % 1'000'000));
  return text.data();
}

}  // namespace

std::vector<Variant> variants_of(const Script& script) {
  // Anywhere; a few bytes before the numbers wrap; and before the sign of a difference changes.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> isns{
      {1'000'000, 5'000'000}, {0xffff'fff0, 0xffff'ff80}, {0x7fff'ff80, 0x7fff'fff0}};
  if (script.isns) isns = {*script.isns};
  std::vector<Variant> variants;
  for (const bool is_v4 : {true, false}) {
    if (is_v4 ? !script.ipv4 : !script.ipv6) continue;
    for (const auto& [host, peer] : isns)
      variants.push_back(
          {is_v4, host, peer,
           std::string{is_v4 ? "ipv4" : "ipv6"} + " isn " + std::to_string(host) + "/" + std::to_string(peer)});
  }
  return variants;
}

void run(const Script& script, const Variant& variant) {
  Runner{script, variant}.run();
}

std::string run_all(const Script& script) {
  for (const Variant& variant : variants_of(script)) {
    try {
      run(script, variant);
    } catch (const ScriptError& error) {
      return script.name + " (" + variant.name + ")" + error.what();
    }
  }
  return {};
}

Runner::Runner(const Script& script, const Variant& variant)
    : script_(script),
      variant_(variant),
      harness_(make_harness(script, variant)),
      host_address_(variant.is_v4 ? "192.0.2.1" : "2001:db8::1"),
      peer_address_(variant.is_v4 ? "192.0.2.2" : "2001:db8::2") {
  weir_add_address(harness_.get(), host_address_, script.mtu);
}

void Runner::run() {
  for (const Step& step : script_.steps) {
    try {
      run_step(step);
    } catch (const ScriptError& error) {
      throw ScriptError(" line " + std::to_string(step.line) + ": " + step.text + "\n" + error.what() + trace_);
    }
  }
  expect_end();
}

void Runner::run_step(const Step& step) {
  const std::string& first = step.words.front();
  if (first.starts_with('>')) return expect_packet(step);
  if (first == "nothing") return expect_nothing(step);
  go_to(step);
  if (first == "drop") return sent_.clear();
  if (first == "renumber") {
    Flow& renumbered = flow(step.words.size() > 2 ? step.words[2] : "");
    renumbered.peer_isn += static_cast<std::uint32_t>(read_number(step.words.at(1)));
    renumbered.knows_host_isn = renumbered.peer_offered_ts = renumbered.host_offered_ts = false;
    renumbered.peer_next = renumbered.host_next = 0;
    return;
  }
  expect_none_left();
  if (first.starts_with('<')) return inject(step);
  if (first == "call") return call(step);
  if (first == "info") return check_info(step);
  if (first == "count") return check_count(step);
  if (first == "event") return check_events(step);
  fail("no such step: " + first);
}

// --- time ---

std::uint64_t Runner::time_of(const When& when, bool latest) const {
  if (when.kind == When::Kind::kWhenever) return latest ? now_ + kForever : now_;
  const std::uint64_t base = when.kind == When::Kind::kAt ? 0 : now_;
  return base + (latest ? when.to : when.from);
}

void Runner::go_to(std::uint64_t ns) {
  if (ns > weir_now(harness_.get()) && weir_advance(harness_.get(), ns) != WEIR_OK) fail("time does not advance");
  collect();
}

void Runner::go_to(const Step& step) {
  if (step.when.kind == When::Kind::kWhenever || step.when.from != step.when.to) fail("this needs one time");
  const std::uint64_t at = time_of(step.when, false);
  if (at < now_) fail("time runs backwards");
  go_to(at);
  now_ = at;
}

// --- packets of the host ---

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
  if (!wait_for_packet(latest)) fail("expected a packet until " + seconds(latest) + ", got none");
  const Sent sent = sent_.front();
  sent_.pop_front();
  std::string faults;
  if (sent.at_ns + tolerance < earliest || sent.at_ns > latest)
    faults = "time: expected " + seconds(earliest) + (latest == earliest ? "" : " to " + seconds(latest)) + ", got " +
             seconds(sent.at_ns) + "\n";
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
  fail("the host sent at " + seconds(sent_.front().at_ns) + " what no line before this one expects");
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

// --- packets of the peer ---

void Runner::inject(const Step& step) {
  std::string name = step.words.front().substr(1);
  if (name.ends_with('+')) name.pop_back();
  Flow& from = flow(name);
  if (step.words.size() > 1 && step.words[1] == "icmp") return inject_icmp(step, from);
  const SegmentLine line = read_segment(step, 1);
  TcpPacket packet = make_packet(line, from, now_);
  packet.source = read_address(peer_address_);
  packet.destination = read_address(host_address_);
  trace(now_, describe(packet, &from, false) + (line.bad_checksum ? " bad-checksum" : ""));
  Bytes bytes = encode(packet);
  if (line.bad_checksum) bytes[packet.source.is_v4 ? 20 + 16 : 40 + 16] ^= 0x55;
  inject_bytes(step, bytes);
}

void Runner::inject_bytes(const Step& step, const Bytes& bytes) {
  const bool waits = step.words.front().ends_with('+');
  const auto hand_in = waits ? weir_inject_with_next : weir_inject;
  const int error = hand_in(harness_.get(), bytes.data(), bytes.size());
  if (error != WEIR_OK) fail(std::string{"not taken: "} + weir_error_text(error));
  collect();
}

void Runner::inject_icmp(const Step& step, Flow& flow) {
  struct Kind {
    const char* name;
    std::uint8_t type_v4, code_v4, type_v6, code_v6;
  };
  static constexpr std::array kKinds{Kind{"net-unreachable", 3, 0, 1, 0},    Kind{"host-unreachable", 3, 1, 1, 3},
                                     Kind{"proto-unreachable", 3, 2, 4, 1},  Kind{"port-unreachable", 3, 3, 1, 4},
                                     Kind{"admin-prohibited", 3, 13, 1, 1},  Kind{"too-big", 3, 4, 2, 0},
                                     Kind{"source-quench", 4, 0, 100, 0},    Kind{"time-exceeded", 11, 0, 3, 0},
                                     Kind{"parameter-problem", 12, 0, 4, 0}, Kind{"source-route-failed", 3, 5, 1, 5}};
  const auto kind = std::ranges::find(kKinds, step.words.at(2), &Kind::name);
  if (kind == kKinds.end()) fail("no such ICMP error: " + step.words[2]);
  IcmpError error{.type = variant_.is_v4 ? kind->type_v4 : kind->type_v6,
                  .code = variant_.is_v4 ? kind->code_v4 : kind->code_v6};
  TcpPacket about;
  if (!decode(flow.last_heard, about).empty()) fail("the host has sent nothing yet for an ICMP error to quote");
  for (std::size_t i = 3; i + 1 < step.words.size(); i += 2) {
    const auto value = static_cast<std::uint32_t>(read_number(step.words[i + 1]));
    if (step.words[i] == "mtu") error.rest = value;
    if (step.words[i] == "seq") about.seq = flow.host_isn + value;
  }
  trace(now_, "<" + flow.name + " icmp " + kind->name);
  inject_bytes(step, encode(error, read_address(peer_address_), encode(about)));
}

// --- flows ---

Flow& Runner::flow(const std::string& name) {
  for (Flow& known : flows_)
    if (known.name == name) return known;
  const auto peer_port = static_cast<std::uint16_t>(kFirstPeerPort + flows_.size());
  flows_.push_back({.name = name,
                    .host_port = port_,
                    .peer_port = peer_port,
                    .host_isn = variant_.host_isn,
                    .peer_isn = variant_.peer_isn});
  return flows_.back();
}

Flow* Runner::flow_of(const TcpPacket& packet) {
  for (Flow& known : flows_)
    if (known.host_port == packet.source_port && known.peer_port == packet.destination_port) return &known;
  // An active open's own port is known by its SYN.
  for (Flow& known : flows_)
    if (known.host_port == 0 && known.peer_port == packet.destination_port)
      return known.host_port = packet.source_port, &known;
  return nullptr;
}

void Runner::trace(std::uint64_t ns, const std::string& text) {
  trace_ += "\n  " + seconds(ns) + ' ' + text;
}

void Runner::fail(const std::string& what) const {
  throw ScriptError(what + "\npackets so far:");
}

}  // namespace weir::scripts
