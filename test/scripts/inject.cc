// What the peer sends: segments and ICMP errors.
#include <algorithm>
#include <array>

#include "runner.h"

namespace weir::scripts {

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

}  // namespace weir::scripts
