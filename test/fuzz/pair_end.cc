// Weather, endings, and the end of it all.
#include "pair.h"

namespace weir::fuzz {

void Pair::let_go(End& end, std::optional<tcp::milliseconds> linger, bool is_abort) {
  stack::Host& host = this->host(end.host);
  const bool was_alive = host.is_alive(end.id);
  expect(was_alive != end.is_let_go, "an id is stale before it was let go, or lives on after it");
  const auto error = is_abort ? host.abort(end.id) : linger ? host.close(end.id, *linger) : host.close(end.id);
  expect((error == stack::CallError::kNone) == was_alive, "close() is not refused exactly when the id is stale");
  expect(!host.is_alive(end.id) && !host.info(end.id), "an id lives on after it was let go");
  end.is_let_go = true;
}

// Whoever has seen the end has read all that was written, and it was ended over there (or by close_with_peer).
void Pair::judge_end_of_stream(End& end) {
  if (end.is_receive_shut || end.is_unclear || !host(end.host).at_end(end.id)) return;
  const End* peer = peer_of(end);
  if (peer == nullptr || peer->is_unclear) return;
  const bool is_closed = host(peer->host).check_send(peer->id) != stack::CallError::kNone;
  expect(peer->is_shut || peer->is_let_go || is_closed, "an end of the stream that nobody made");
  expect(end.read == peer->written.size(), "the end was reached before the last byte");
}

void Pair::weather(Input& input) {
  testing::LinkSettings& link = simulation_.link;
  const auto percent = [&] { return static_cast<double>(input.below(30)); };
  switch (input.below(10)) {
    case 0:
      losses_ = input.word32() & input.word32();
      break;
    case 1:
      link.duplicate_percent = percent();
      break;
    case 2:
      link.reorder_percent = percent();
      break;
    case 3:
      link.corrupt_percent = percent() / 10;
      break;
    case 4:
      link.mtu = input.any_of<std::uint16_t>({0, 1400, 1280, 576});
      link.is_black_hole = input.flag();
      break;
    case 5:
      link.is_down = !link.is_down;
      break;
    case 6:
      link.mark_percent = percent();
      break;
    case 7:
      link.jitter = std::chrono::milliseconds{input.byte()};
      break;
    case 8:
      at(input.below(2)).pause_until(simulation_.now() + std::chrono::milliseconds{input.word()});
      break;
    default:
      at(input.below(2)).jump_clock(std::chrono::milliseconds{input.word()});
      break;
  }
}

void Pair::hoard(unsigned host, std::uint32_t left) {
  PacketPool& packets = at(host).packets();
  while (packets.available() > left) hoarded_.push_back(packets.allocate());
}

void Pair::read_all(End& end) {
  constexpr std::uint32_t kAtOnce = 65'536;
  constexpr unsigned kRounds = 20;
  for (unsigned i = 0; i < kRounds && host(end.host).readable(end.id) > 0; ++i) receive(end, kAtOnce);
  judge_end_of_stream(end);
}

void Pair::finish() {
  constexpr unsigned kTurns = 20;
  constexpr stack::ListenerId kListeners = 32;  // more than host_from() allows
  give_back();
  losses_ = 0;
  simulation_.link = {};
  for (unsigned i = 0; i < kTurns; ++i) {
    for (End& end : ends_) {
      read_all(end);
      static_cast<void>(host(end.host).shutdown(end.id));
      end.is_shut = true;
    }
    run(std::chrono::seconds{1 << (i / 2)});
  }
  for (End& end : ends_) {
    const auto info = host(end.host).info(end.id);
    const End* peer = peer_of(end);
    if (!info || info->reason != tcp::CloseReason::kNormal || peer == nullptr) continue;
    if (end.is_unclear || peer->is_unclear || end.is_receive_shut) continue;
    expect(end.read == peer->written.size(), "ended well, but did not read all of it");
  }
  for (End& end : ends_) let_go(end, {}, true);
  for (testing::SimHost* at : at_) {
    for (stack::ListenerId listener = 0; listener < kListeners; ++listener) at->host().stop_listening(listener);
    at->host().cancel_timer();
  }
  simulation_.run_until([] { return false; }, 48h);
  judge_wire();
  expect_all_given_back(host(0), at(0).packets(), "first");
  expect_all_given_back(host(1), at(1).packets(), "second");
}

}  // namespace weir::fuzz
