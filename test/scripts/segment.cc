#include "segment.h"

#include <algorithm>

#include "options.h"

namespace weir::scripts {

namespace {

constexpr std::uint32_t kPeerClockStart = 7000;  // TSval of the peer at time 0, in milliseconds
const std::vector<std::string> kEcnNames{"not-ect", "ect1", "ect0", "ce"};

std::uint64_t ecn_of(const std::string& text) {
  const auto found = std::ranges::find(kEcnNames, text);
  if (found == kEcnNames.end()) throw ScriptError("ecn is not-ect, ect0, ect1 or ce");
  return static_cast<std::uint64_t>(found - kEcnNames.begin());
}

std::uint64_t value_or(const SegmentLine& line, const std::string& field, std::uint64_t otherwise) {
  const auto found = line.fields.find(field);
  if (found == line.fields.end()) return otherwise;
  if (found->second.kind != Want::Kind::kEqual) throw ScriptError(field + ": what is sent needs one number");
  return found->second.value;
}

bool is_absolute(const SegmentLine& line, const std::string& field) {
  const auto found = line.fields.find(field);
  return found != line.fields.end() && found->second.is_absolute;
}

// "1:1001" and "1:1001(1000)": from, and one past the last.
void read_range(SegmentLine& line, const std::string& text) {
  const auto parts = split(text.substr(0, text.find('(')), ':');
  line.fields["seq"] = read_want(parts[0]);
  if (parts.size() == 1) return;
  if (line.fields["seq"].kind != Want::Kind::kEqual) throw ScriptError("a range of seq begins with a number");
  line.length =
      static_cast<std::uint32_t>(read_number(parts[1])) - static_cast<std::uint32_t>(line.fields["seq"].value);
}

std::string keep_timestamps(const Flow& flow, std::uint64_t now_ns) {
  const std::uint64_t clock = kPeerClockStart + now_ns / 1'000'000;
  return "nop,nop,TS val " + std::to_string(clock) + " ecr " + std::to_string(flow.ts_heard);
}

std::uint32_t timestamp_in(const Bytes& options, bool& found) {
  for (const std::string& option : describe_options(options, 0)) {
    const auto words = split(option, ' ');
    if (words[0] == "TS") return found = true, static_cast<std::uint32_t>(read_number(words[2]));
  }
  return found = false, 0U;
}

std::string wanted_text(const Want& want) {
  const std::string value = std::to_string(want.value);
  switch (want.kind) {
    case Want::Kind::kAny:
      return "anything";
    case Want::Kind::kEqual:
      return value;
    case Want::Kind::kAtLeast:
      return "at least " + value;
    case Want::Kind::kAtMost:
      return "at most " + value;
    case Want::Kind::kNot:
      return "not " + value;
    default:
      return value + " to " + std::to_string(want.upper);
  }
}

std::string text_fault(const SegmentLine& line, const TcpPacket& packet, std::uint32_t seq) {
  if (packet.payload.size() != line.length)
    return "text: expected " + std::to_string(line.length) + " bytes, got " + std::to_string(packet.payload.size()) +
           "\n";
  for (std::size_t i = 0; i < packet.payload.size(); ++i)
    if (packet.payload[i] != stream_byte(seq + static_cast<std::uint32_t>(i)))
      return "text: byte " + std::to_string(i) + " is not the one that the application sent there\n";
  return {};
}

}  // namespace

std::uint8_t stream_byte(std::uint32_t relative) {
  return static_cast<std::uint8_t>(relative * 7 + relative / 251);
}

bool Want::accepts(std::uint64_t got) const {
  switch (kind) {
    case Kind::kAny:
      return true;
    case Kind::kEqual:
      return got == value;
    case Kind::kAtLeast:
      return got >= value;
    case Kind::kAtMost:
      return got <= value;
    case Kind::kNot:
      return got != value;
    default:
      return got >= value && got <= upper;
  }
}

Want read_want(std::string text) {
  if (text == "*") return {};
  Want want{.kind = Want::Kind::kEqual};
  if (text.starts_with(">=")) want.kind = Want::Kind::kAtLeast;
  if (text.starts_with("<=")) want.kind = Want::Kind::kAtMost;
  if (text.starts_with("!=")) want.kind = Want::Kind::kNot;
  if (want.kind != Want::Kind::kEqual) text = text.substr(2);
  if (text.starts_with('=')) want.is_absolute = true, text = text.substr(1);
  const auto bounds = split(text, '~');
  want.value = read_number(bounds[0]);
  if (bounds.size() == 2) want.kind = Want::Kind::kBetween, want.upper = read_number(bounds[1]);
  return want;
}

SegmentLine read_segment(const Step& step, std::size_t from) {
  if (from >= step.words.size()) throw ScriptError("a segment needs flags: S, S., ., P., F., R, R. or none");
  const auto flags = flags_of(step.words[from]);
  if (!flags) throw ScriptError("no such flags: " + step.words[from]);
  SegmentLine line{.flags = *flags, .options = step.options};
  for (std::size_t i = from + 1; i < step.words.size(); ++i) {
    const std::string& field = step.words[i];
    if (field == "bad-checksum") {
      line.bad_checksum = true;
      continue;
    }
    if (++i == step.words.size()) throw ScriptError(field + " lacks its value");
    const std::string& value = step.words[i];
    if (field == "seq") {
      read_range(line, value);
    } else if (field == "fill") {
      line.fill = value.front();
    } else if (field == "ecn") {
      line.fields["ecn"] = {.kind = Want::Kind::kEqual, .value = ecn_of(value)};
    } else if (field == "ack" || field == "win" || field == "urg" || field == "ttl" || field == "dscp") {
      line.fields[field] = read_want(value);
    } else {
      throw ScriptError("no such field: " + field);
    }
  }
  return line;
}

std::string describe(const TcpPacket& packet, const Flow* flow, bool is_from_host) {
  const std::uint32_t own = flow == nullptr ? 0 : is_from_host ? flow->host_isn : flow->peer_isn;
  const std::uint32_t other = flow == nullptr ? 0 : is_from_host ? flow->peer_isn : flow->host_isn;
  const std::uint32_t seq = packet.seq - own;
  std::string text = is_from_host ? ">" : "<";
  if (flow != nullptr) text += flow->name;
  text += ' ' + flags_text(packet.flags) + " seq " + std::to_string(seq);
  if (!packet.payload.empty()) text += ':' + std::to_string(seq + static_cast<std::uint32_t>(packet.payload.size()));
  if ((packet.flags & kAck) != 0) text += " ack " + std::to_string(packet.ack - other);
  text += " win " + std::to_string(packet.window);
  if (packet.urgent != 0) text += " urg " + std::to_string(packet.urgent);
  if ((packet.traffic_class & 3) != 0) text += " ecn " + kEcnNames[packet.traffic_class & 3];
  if (!packet.options.empty()) text += " <" + joined(describe_options(packet.options, other)) + '>';
  return text;
}

TcpPacket make_packet(const SegmentLine& line, Flow& flow, std::uint64_t now_ns) {
  TcpPacket packet;
  packet.source_port = flow.peer_port;
  packet.destination_port = flow.host_port;
  packet.flags = line.flags;
  const auto seq = static_cast<std::uint32_t>(value_or(line, "seq", flow.peer_next));
  packet.seq = is_absolute(line, "seq") ? seq : seq + flow.peer_isn;
  const bool has_ack = (line.flags & kAck) != 0;
  if (has_ack || line.fields.contains("ack")) {
    const auto ack = static_cast<std::uint32_t>(value_or(line, "ack", flow.host_next));
    packet.ack = is_absolute(line, "ack") ? ack : ack + flow.host_isn;
  }
  packet.window = flow.window = static_cast<std::uint16_t>(value_or(line, "win", flow.window));
  packet.urgent = static_cast<std::uint16_t>(value_or(line, "urg", 0));
  packet.ttl = static_cast<std::uint8_t>(value_or(line, "ttl", 64));
  packet.traffic_class = static_cast<std::uint8_t>(value_or(line, "dscp", 0) << 2 | value_or(line, "ecn", 0));
  const bool keeps = !line.options && flow.peer_offered_ts && flow.host_offered_ts;
  packet.options = encode_options(keeps ? keep_timestamps(flow, now_ns) : line.options.value_or(""), flow.host_isn);
  for (std::uint32_t i = 0; i < line.length; ++i)
    packet.payload.push_back(line.fill ? static_cast<std::uint8_t>(*line.fill) : stream_byte(seq + i));
  const bool is_syn = (line.flags & kSyn) != 0, is_fin = (line.flags & kFin) != 0;
  const std::uint32_t end = seq + line.length + (is_syn ? 1U : 0U) + (is_fin ? 1U : 0U);
  if (static_cast<std::int32_t>(end - flow.peer_next) > 0 && (line.flags & kRst) == 0) flow.peer_next = end;
  if (is_syn) timestamp_in(packet.options, flow.peer_offered_ts);
  return packet;
}

std::string differences(const SegmentLine& line, const TcpPacket& packet, const Flow& flow) {
  std::string faults;
  const auto compare = [&](const std::string& field, std::uint32_t got, std::uint32_t isn) {
    const auto found = line.fields.find(field);
    if (found == line.fields.end()) return;
    const std::uint32_t seen = found->second.is_absolute ? got : got - isn;
    if (found->second.accepts(seen)) return;
    faults += field + ": expected " + wanted_text(found->second) + ", got " + std::to_string(seen) + "\n";
  };
  if (packet.flags != line.flags)
    faults += "flags: expected " + flags_text(line.flags) + ", got " + flags_text(packet.flags) + "\n";
  compare("seq", packet.seq, flow.host_isn);
  compare("ack", packet.ack, flow.peer_isn);
  compare("win", packet.window, 0);
  compare("urg", packet.urgent, 0);
  compare("ttl", packet.ttl, 0);
  compare("dscp", packet.traffic_class >> 2, 0);
  compare("ecn", packet.traffic_class & 3, 0);
  faults += text_fault(line, packet, packet.seq - flow.host_isn);
  const auto options = describe_options(packet.options, flow.peer_isn);
  if (line.options && !options_match(*line.options, options))
    faults += "options: expected <" + *line.options + ">, got <" + joined(options) + ">\n";
  return faults;
}

}  // namespace weir::scripts
