// Two hosts and a link between them: any sequence of calls, on ids that live, have ended or never were, with time and
// weather between. What is read is what was written; an observer of the wire finds no fault; at the end nothing is
// left.
#include "pair.h"

namespace weir::fuzz {
namespace {

constexpr unsigned kStepsMax = 300;
constexpr std::size_t kEndsMax = 40;

void connect(Pair& pair, Input& input) {
  if (pair.ends().size() >= kEndsMax) return;
  const unsigned host = input.below(2);
  const bool is_v4 = !input.flag();
  stack::ConnectOptions options;
  options.remote = {pair.address(1 - host, is_v4), static_cast<std::uint16_t>(80 + input.below(4))};
  if (input.below(4) == 1) options.local_port = static_cast<std::uint16_t>(80 + input.below(4));
  if (input.below(8) == 1) options.local = pair.address(input.below(2), input.flag());
  if (input.below(8) == 1) options.remote.port = 0;
  options.profile = static_cast<std::uint16_t>(input.below(3));
  options.user = input.byte();
  pair.connect(host, options);
}

void listen(Pair& pair, Input& input) {
  const unsigned host = input.below(2);
  const bool is_v4 = !input.flag();
  stack::ListenOptions options;
  if (input.flag())
    options.address = pair.address(host, is_v4);
  else if (is_v4)
    options.address = IpAddress::v4(be32{0});
  options.port = static_cast<std::uint16_t>(80 + input.below(4));
  options.backlog = input.below(5);
  if (input.flag()) options.settings = settings_from(input);
  stack::ListenerId listener;
  static_cast<void>(pair.host(host).listen(options, listener));
}

// An id that may never have been given.
void call_stale(Pair& pair, Input& input) {
  stack::Host& host = pair.host(input.below(2));
  const stack::ConnectionId id{input.below(24), static_cast<std::uint16_t>(1000 + input.byte())};
  std::uint8_t byte = 0;
  expect(!host.is_alive(id) && !host.info(id) && !host.options(id), "an id that never was lives");
  expect(host.close(id) == stack::CallError::kStaleId && host.abort(id) == stack::CallError::kStaleId &&
             host.shutdown(id) == stack::CallError::kStaleId &&
             host.set_options(id, options_from(input)) == stack::CallError::kStaleId &&
             host.set_timer(id, 1ms) == stack::CallError::kStaleId,
         "a call on an id that never was is not refused");
  expect(host.send(id, std::span{&byte, 1}) == 0 && host.receive(id, std::span{&byte, 1}) == 0 && !host.receive(id) &&
             host.splice(id, id) == 0 && host.readable(id) == 0 && host.send_room(id) == 0,
         "bytes of an id that never was");
}

void shut_down(Pair& pair, End& end, Input& input) {
  const auto direction = input.any_of({stack::Direction::kSend, stack::Direction::kReceive, stack::Direction::kBoth});
  const auto error = pair.host(end.host).shutdown(end.id, direction);
  expect(!end.is_let_go || error == stack::CallError::kStaleId, "shutdown() of what was let go");
  if (direction != stack::Direction::kReceive) end.is_shut = true;
  if (direction != stack::Direction::kSend) end.is_receive_shut = true;
}

void change(Pair& pair, End& end, Input& input) {
  stack::Host& host = pair.host(end.host);
  switch (input.below(6)) {
    case 0:
      static_cast<void>(host.set_options(end.id, options_from(input)));
      break;
    case 1:
      static_cast<void>(host.set_timer(end.id, std::chrono::milliseconds{input.word()}));
      break;
    case 2:
      host.cancel_timer(end.id);
      break;
    case 3:
      host.set_no_delay(end.id, input.flag());
      break;
    case 4:
      host.set_keep_alive(end.id, input.flag());
      break;
    default:
      host.set_user(end.id, input.byte());
      break;
  }
}

void call(Pair& pair, Input& input) {
  End* end = pair.end(input.byte());
  if (end == nullptr) return;
  switch (input.below(16)) {
    case 0:
    case 1:
    case 2:
      return pair.send(*end, 1U << input.below(15), Sending::kPlain);
    case 3:
      return pair.send_packet(*end, input.below(2049));
    case 4:
      return pair.send(*end, input.below(500), input.any_of({Sending::kUrgent, Sending::kLast}));
    case 5:
    case 6:
      return pair.receive(*end, 1U << input.below(15));
    case 7:
      return pair.receive_packet(*end);
    case 8:
      return pair.splice(*end, *pair.end(input.byte()));
    case 9:
      return shut_down(pair, *end, input);
    case 10:
      return pair.let_go(*end, {}, false);
    case 11:
      return pair.let_go(*end, tcp::milliseconds{input.word() - 1}, false);
    case 12:
      return pair.let_go(*end, {}, true);
    case 13:
      return pair.judge_end_of_stream(*end);
    default:
      return change(pair, *end, input);
  }
}

// Out of a few, so that those of before come again, and cookies under way are refused as well as accepted: a client
// whose cookie is refused ends like one whose server has forgotten it.
tcp::CookieSecrets secrets_from(Input& input) {
  constexpr unsigned kSecrets = 3;
  const auto secret = [&] { return SipKey{input.below(kSecrets), 0}; };  // the first one is a host's at its start
  tcp::CookieSecrets secrets{.making = secret()};
  if (input.flag()) secrets.accepted = secret();
  return secrets;
}

void call_host(Pair& pair, Input& input) {
  const unsigned which = input.below(2);
  stack::Host& host = pair.host(which);
  switch (input.below(6)) {
    case 0:
      return host.stop_listening(static_cast<stack::ListenerId>(input.byte()));
    case 1:
      return host.set_timer(std::chrono::milliseconds{input.word()});
    case 2:
      return host.cancel_timer();
    case 3:
      static_cast<void>(host.add_profile(settings_from(input)));
      return;
    case 4:
      return host.change_cookie_secrets(secrets_from(input));
    default:
      std::uint64_t cursor = 0;
      expect(host.list(cursor, input.byte()).size() <= pair.ends().size() + 64, "connections that nobody opened");
  }
}

void pass_time(Pair& pair, Input& input) {
  switch (input.below(4)) {
    case 0:
      return pair.run(std::chrono::milliseconds{input.byte()});
    case 1:
      return pair.run(std::chrono::milliseconds{input.word()});
    case 2:
      return pair.run(std::chrono::microseconds{input.word()});
    default:
      return pair.run(std::chrono::seconds{input.word() / 8});
  }
}

void step(Pair& pair, Input& input) {
  switch (input.below(16)) {
    case 0:
      return connect(pair, input);
    case 1:
      return listen(pair, input);
    case 2:
    case 3:
      return pair.accept(input.below(2), static_cast<stack::ListenerId>(input.below(9)));
    case 4:
    case 5:
    case 6:
      return pass_time(pair, input);
    case 7:
      return pair.weather(input);
    case 8:
      return call_stale(pair, input);
    case 9:
      return call_host(pair, input);
    case 10:
      return input.flag() ? pair.hoard(input.below(2), input.below(12)) : pair.give_back();
    default:
      return call(pair, input);
  }
}

}  // namespace
}  // namespace weir::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weir::fuzz::Input input{{data, size}};
  weir::fuzz::Pair pair{input};
  for (unsigned steps = 0; !input.is_empty() && !pair.is_tired() && steps < weir::fuzz::kStepsMax; ++steps)
    weir::fuzz::step(pair, input);
  pair.finish();
  return 0;
}
