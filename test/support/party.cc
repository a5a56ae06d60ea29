#include "support/party.h"

#include <algorithm>
#include <stdexcept>

namespace weir::testing {

std::string text_pattern(std::size_t bytes, std::uint32_t seed) {
  Random random{seed};
  std::string result(bytes, '\0');
  for (char& c : result) c = static_cast<char>(random.next());
  return result;
}

Party::Party(SimHost& at) : at_(at) {
  at.on_turn = [this] { turn(); };
}

void Party::listen(const Endpoint& endpoint, const tcp::Settings& settings) {
  stack::ListenerId listener;
  const auto error = at_.host().listen(
      {.address = endpoint.address, .port = endpoint.port, .backlog = 64, .settings = settings}, listener);
  if (error != stack::CallError::kNone) throw std::runtime_error(to_string(error));
}

Line& Party::connect(const Endpoint& remote) {
  Line& line = lines.emplace_back();
  stack::ConnectOptions options;
  options.remote = remote;
  const auto error = at_.host().connect(options, line.id);
  if (error != stack::CallError::kNone) throw std::runtime_error(to_string(error));
  return line;
}

void Party::end(Line& line) {
  line.ended = true;
  at_.host().shutdown(line.id);
}

void Party::reset_all() {
  for (Line& line : lines) at_.host().abort(line.id);
}

void Party::turn() {
  while (const auto event = at_.host().next_event()) on_event(*event);
  for (Line& line : lines) drive(line);
}

void Party::on_event(const stack::Event& event) {
  if (!event.connection) {
    while (const auto id = at_.host().accept(event.listener)) {
      lines.push_back(accepted);
      lines.back().id = *id;
      lines.back().opened = true;
    }
    return;
  }
  const auto line = std::ranges::find(lines, event.connection, &Line::id);
  if (line == lines.end()) return;
  line->opened = line->opened || (event.what & tcp::kOpened) != 0;
  if ((event.what & tcp::kClosed) == 0) return;
  line->closed = true;
  line->reason = at_.host().info(line->id)->reason;
  drive(*line);
}

void Party::drive(Line& line) {
  stack::Host& host = at_.host();
  if (!host.is_alive(line.id)) return;
  if (!line.closed && line.sent < line.to_send.size()) {
    const auto* rest = reinterpret_cast<const std::uint8_t*>(line.to_send.data()) + line.sent;
    line.sent += host.send(line.id, {rest, line.to_send.size() - line.sent});
  }
  while (line.received.size() < line.reads_at_most) {
    const Packet packet = host.receive(line.id);
    if (!packet) break;
    line.received.append(reinterpret_cast<const char*>(packet.data().data()), packet.length());
  }
  line.saw_end = line.saw_end || host.at_end(line.id);
  if (line.closed) {
    if (host.readable(line.id) == 0) host.close(line.id);
    return;
  }
  const bool all_sent = line.sent == line.to_send.size();
  if (line.opened && !line.ended && all_sent && (line.ends_when_sent || (line.closes_at_end && line.saw_end)))
    end(line);
}

}  // namespace weir::testing
