// A host is brought to some state, then come segments, errors, calls and time as the input says. After each step the
// book and the host are looked at; at the end everything is let go of, and nothing may be left.
#include "states.h"

namespace weir::fuzz {
namespace {

constexpr unsigned kStepsMax = 300;

void call_on(Held& held, Subject& subject, Input& input) {
  stack::Host& host = subject.host();
  const stack::ConnectionId id = held.id;
  switch (input.below(14)) {
    case 0:
    case 1:
      return subject.send(held, 1U << input.below(15), Sending::kPlain);
    case 2:
      return subject.send(held, input.below(3000), input.any_of({Sending::kUrgent, Sending::kLast}));
    case 3:
    case 4:
      return subject.receive(held, 1U << input.below(15));
    case 5:
      return subject.echo(held);
    case 6:
      static_cast<void>(host.shutdown(
          id, input.any_of({stack::Direction::kSend, stack::Direction::kReceive, stack::Direction::kBoth})));
      break;
    case 7:
      static_cast<void>(host.close(id));
      break;
    case 8:
      static_cast<void>(host.close(id, tcp::milliseconds{input.word() - 1}));
      break;
    case 9:
      static_cast<void>(host.abort(id));
      break;
    case 10:
      static_cast<void>(host.set_options(id, options_from(input)));
      break;
    case 11:
      static_cast<void>(host.set_timer(id, std::chrono::milliseconds{input.word()}));
      break;
    case 12:
      host.cancel_timer(id);
      break;
    default:
      host.set_no_delay(id, input.flag());
      break;
  }
  subject.look();
}

void call(Subject& subject, Input& input) {
  switch (input.below(8)) {
    case 0:
      return subject.connect();
    case 1:
      return subject.listen(settings_from(input), 1 + input.below(4));
    case 2:
      return subject.stop_listening();
    case 3:
      return subject.accept();
    default:
      if (Held* held = subject.held(input.byte())) call_on(*held, subject, input);
  }
}

void pass_time(Subject& subject, Input& input) {
  switch (input.below(5)) {
    case 0:
      return subject.advance_to_deadline();
    case 1:
      return subject.advance(std::chrono::microseconds{input.word()});
    case 2:
      return subject.advance(std::chrono::milliseconds{1 + input.byte()});
    case 3:
      return subject.advance(std::chrono::milliseconds{input.word()});
    default:
      return subject.advance(std::chrono::minutes{1 + input.byte()});
  }
}

void step(Subject& subject, Peer& peer, Input& input) {
  switch (input.below(16)) {
    case 0:
    case 1:
      return peer.say(kAck);
    case 2:
      return peer.say(kAck | kPsh, 100 * (1 + input.below(14)));
    case 3:
    case 4:
    case 5:
      return call(subject, input);
    case 6:
    case 7:
      return pass_time(subject, input);
    case 8:
      return peer.say_icmp_error();
    case 9:
      return peer.say_burst();
    case 10:
      return subject.hoard(input.below(12));
    case 11:
      return subject.give_back();
    default:
      return peer.say_anything();
  }
}

}  // namespace
}  // namespace weir::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  fuzz::Input input{{data, size}};
  const auto state = static_cast<tcp::State>(input.below(tcp::kStates));
  const bool is_v4 = !input.flag();
  fuzz::Subject subject{fuzz::host_from(input), is_v4};
  fuzz::Peer peer{subject, input};
  bring_to(state, subject, peer, input);
  for (unsigned steps = 0; !input.is_empty() && steps < fuzz::kStepsMax; ++steps) fuzz::step(subject, peer, input);
  subject.finish();
  return 0;
}
