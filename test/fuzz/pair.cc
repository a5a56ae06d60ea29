#include "pair.h"

namespace weir::fuzz {
namespace {

constexpr std::size_t kWrittenMax = 1 << 18;
constexpr std::uint16_t kPacketMax = 2048;

std::uint8_t written_byte(std::size_t end, std::size_t offset) {
  return static_cast<std::uint8_t>((offset * 0x9e37U + end * 0x85ebU) >> 7);
}

}  // namespace

Pair::Pair(Input& input) {
  losses_ = input.flag() ? input.word32() & input.word32() : 0;
  simulation_.link.delay = std::chrono::milliseconds{input.below(100)};
  addresses_[0] = {IpAddress::parse("10.0.0.1").value(), IpAddress::parse("fd00::1").value()};
  addresses_[1] = {IpAddress::parse("10.0.0.2").value(), IpAddress::parse("fd00::2").value()};
  at_[0] = &simulation_.add_host("first", {"10.0.0.1", "fd00::1"}, host_from(input), &packets_of(0));
  at_[1] = &simulation_.add_host("second", {"10.0.0.2", "fd00::2"}, host_from(input), &packets_of(1));
  simulation_.on_sent = [this](const testing::Sighting& sighting) { observer_.on_sent(sighting); };
  simulation_.on_delivered = [this](const testing::Sighting& sighting) { observer_.on_delivered(sighting); };
  simulation_.filter = [this](const std::string&, const IpHeader&, const Segment&) { return !is_lost(); };
  if (is_tracing()) simulation_.on_trace = trace;
  for (testing::SimHost* at : at_)
    at->on_turn = [at] {
      while (const auto event = at->host().next_event())
        expect(!event->connection || at->host().is_alive(event->connection), "an event of what was let go");
    };
}

bool Pair::is_lost() {
  return (losses_ >> (sent_++ % 32) & 1) != 0;
}

void Pair::judge_wire() {
  if (!observer_.faults().empty()) fault(observer_.faults().front() + "\n" + simulation_.trace());
}

void Pair::run(Duration duration) {
  const Instant end = simulation_.now() + duration;
  simulation_.run_until([this] { return is_tired(); }, duration);
  if (!is_tired()) simulation_.advance(end - simulation_.now());
  judge_wire();
}

End* Pair::peer_of(const End& end) {
  End* found = nullptr;
  for (End& other : ends_) {
    if (other.host == end.host || other.local != end.remote || other.remote != end.local) continue;
    if (found != nullptr) return nullptr;
    found = &other;
  }
  return found;
}

void Pair::add(unsigned host, stack::ConnectionId id) {
  const auto info = this->host(host).info(id);
  if (!info) fault("an id that is stale at once");
  End added{.host = host, .id = id, .local = info->local, .remote = info->remote};
  for (End& other : ends_)
    if (other.host == host && other.local == added.local && other.remote == added.remote)
      other.is_unclear = added.is_unclear = true;
  ends_.push_back(std::move(added));
}

void Pair::connect(unsigned host, const stack::ConnectOptions& options) {
  stack::ConnectionId id;
  if (this->host(host).connect(options, id) == stack::CallError::kNone) add(host, id);
}

void Pair::accept(unsigned host, stack::ListenerId listener) {
  if (const auto id = this->host(host).accept(listener)) add(host, *id);
}

void Pair::send(End& end, std::uint32_t length, Sending how) {
  if (end.written.size() + length > kWrittenMax) return;
  std::vector<std::uint8_t> text(length);
  const auto which = static_cast<std::size_t>(end.id.index) + end.host;
  for (std::size_t i = 0; i < length; ++i) text[i] = written_byte(which, end.written.size() + i);
  const std::uint32_t room = host(end.host).send_room(end.id);
  const std::uint32_t taken = fuzz::send(host(end.host), end.id, text, how);
  expect(taken <= room, "took more than there is room for");
  expect(taken == 0 || (!end.is_let_go && !end.is_shut), "took bytes that can never be sent");
  end.written.insert(end.written.end(), text.begin(), text.begin() + taken);
  end.is_shut = end.is_shut || (how == Sending::kLast && taken == length);
}

void Pair::send_packet(End& end, std::uint32_t length) {
  Packet packet = host(end.host).packets().allocate();
  if (!packet || end.written.size() + length > kWrittenMax) return;
  length = std::min<std::uint32_t>(length, kPacketMax);
  std::uint8_t* text = packet.append(static_cast<std::uint16_t>(length));
  const auto which = static_cast<std::size_t>(end.id.index) + end.host;
  for (std::size_t i = 0; i < length; ++i) text[i] = written_byte(which, end.written.size() + i);
  const std::vector<std::uint8_t> copy{text, text + length};
  if (host(end.host).send(end.id, std::move(packet))) return;
  expect(length == 0 || (!end.is_let_go && !end.is_shut), "took bytes that can never be sent");
  end.written.insert(end.written.end(), copy.begin(), copy.end());
}

void Pair::judge_read(End& end, std::span<const std::uint8_t> bytes) {
  expect(bytes.empty() || !end.is_let_go, "read from what was let go");
  const End* peer = peer_of(end);
  if (peer != nullptr && !end.is_unclear && !peer->is_unclear && !bytes.empty()) {
    expect(end.read + bytes.size() <= peer->written.size(), "read more than was written");
    const auto from = peer->written.begin() + static_cast<std::ptrdiff_t>(end.read);
    expect(std::equal(bytes.begin(), bytes.end(), from), "read other bytes than were written");
  }
  end.read += bytes.size();
}

void Pair::receive(End& end, std::uint32_t length) {
  std::vector<std::uint8_t> text(length);
  const std::uint32_t count = host(end.host).receive(end.id, std::span{text});
  expect(count <= length, "gave more than was asked for");
  judge_read(end, std::span{text}.first(count));
}

void Pair::receive_packet(End& end) {
  if (const Packet packet = host(end.host).receive(end.id)) judge_read(end, packet.data());
}

// What is moved is what the peer wrote, if it is known who that is.
void Pair::splice(End& from, End& to) {
  if (from.host != to.host) return;
  const std::uint32_t moved = host(from.host).splice(from.id, to.id);
  expect(moved == 0 || (!from.is_let_go && !to.is_let_go && !to.is_shut), "moved bytes where they cannot go");
  const End* writer = peer_of(from);
  const bool is_known = writer != nullptr && !from.is_unclear && !writer->is_unclear;
  if (is_known && moved > 0) {
    expect(from.read + moved <= writer->written.size(), "moved more than was written");
    const auto first = writer->written.begin() + static_cast<std::ptrdiff_t>(from.read);
    const std::vector<std::uint8_t> copy{first, first + moved};
    to.written.insert(to.written.end(), copy.begin(), copy.end());
  }
  to.is_unclear = to.is_unclear || (moved > 0 && !is_known);
  from.read += moved;
}

}  // namespace weir::fuzz
