#include <weir/wire/describe.h>

namespace weir::wire {

namespace {

std::string number(std::uint32_t value) {
  return std::to_string(value);
}

std::string endpoint(const IpAddress& address, std::uint16_t port) {
  return Endpoint{address, port}.to_string();
}

// Each with a comma in front; the first one's is cut off.
std::string list_options(const TcpOptions& options) {
  std::string list;
  if (options.mss) list += ",mss " + number(*options.mss);
  if (options.sack_permitted) list += ",sackOK";
  if (options.timestamps) list += ",ts " + number(options.timestamps->value) + '/' + number(options.timestamps->echo);
  if (options.window_scale) list += ",wscale " + number(options.window_scale->shift());
  for (std::size_t i = 0; i < options.sack_count; ++i) {
    const SackBlock& block = options.sack[i];
    list += (i == 0 ? ",sack {" : "{") + number(block.left.value()) + ':' + number(block.right.value()) + '}';
  }
  return list.empty() ? list : " <" + list.substr(1) + '>';
}

}  // namespace

std::string describe_flags(std::uint8_t flags) {
  static constexpr struct {
    TcpFlags flag;
    char letter;
  } kLetters[] = {{kSyn, 'S'}, {kFin, 'F'}, {kRst, 'R'}, {kPsh, 'P'},
                  {kAck, '.'}, {kUrg, 'U'}, {kEce, 'E'}, {kCwr, 'W'}};
  std::string letters;
  for (const auto& known : kLetters) {
    if ((flags & known.flag) != 0) letters += known.letter;
  }
  return letters.empty() ? "none" : letters;
}

std::string describe(const IpHeader& ip, const Segment& segment) {
  std::string line = endpoint(ip.source, segment.source_port) + " > " +
                     endpoint(ip.destination, segment.destination_port) + " [" + describe_flags(segment.flags) +
                     "] seq " + number(segment.seq.value());
  if (segment.has(kAck)) line += " ack " + number(segment.ack.value());
  line += " win " + number(segment.window.value());
  if (segment.has(kUrg)) line += " urg " + number(segment.urgent);
  return line + " len " + number(segment.payload_length) + list_options(segment.options);
}

}  // namespace weir::wire
