// The application of the host under test.
#include "subject.h"

namespace weir::fuzz {
namespace {

constexpr std::size_t kWrittenMax = 1 << 20;

}  // namespace

void Subject::listen(const tcp::Settings& settings, std::uint32_t backlog) {
  stack::ListenOptions options;
  if (is_v4()) options.address = IpAddress::v4(be32{0});
  options.port = kHostPort;
  options.backlog = backlog;
  options.settings = settings;
  stack::ListenerId listener = stack::kNoListener;
  if (settings.syn_cookies != tcp::SynCookieUse::kOff) book_.expect_cookies();
  if (host_->listen(options, listener) == stack::CallError::kNone) listeners_.push_back(listener);
  look();
}

void Subject::stop_listening() {
  for (const stack::ListenerId listener : std::exchange(listeners_, {})) host_->stop_listening(listener);
  look();
}

void Subject::connect() {
  Held held{.written = std::make_shared<Written>()};
  stack::ConnectOptions options;
  options.remote = {IpAddress::parse(is_v4() ? "192.0.2.1" : "2001:db8::1").value(), kPeerPort};
  options.local_port = kHostPort;
  if (host_->connect(options, held.id) == stack::CallError::kNone) {
    book_.open(held.written);
    opening_ = held.id;
    trace("connect");
    held_.push_back(held);
  }
  look();
}

// Of one 4-tuple only the latest connection is alive; which one it was that has ended is not known.
void Subject::accept() {
  for (const stack::ListenerId listener : listeners_) {
    const auto id = host_->accept(listener);
    if (!id) continue;
    const auto info = host_->info(*id);
    const bool has_ended = info && (info->state == tcp::State::kClosed || info->state == tcp::State::kTimeWait);
    Held held{.id = *id, .written = has_ended ? std::make_shared<Written>() : book_.claim()};
    held.is_unclear = has_ended || !book_.life() || book_.life()->is_doubtful;
    if (!held.is_unclear) held.life = book_.life();
    held_.push_back(held);
    trace("accept" + std::string{has_ended ? ": it has ended" : ""});
  }
  look();
}

Held* Subject::held(unsigned which) {
  if (held_.empty()) return nullptr;
  Held& held = held_[which % held_.size()];
  if (!held.life && !held.is_unclear && book_.life() && book_.life()->written == held.written) held.life = book_.life();
  return &held;
}

void Subject::send(Held& held, std::uint32_t length, Sending how) {
  Bytes& written = held.written->bytes;
  if (written.size() + length > kWrittenMax) return;
  Bytes text(length);
  for (std::size_t i = 0; i < length; ++i) text[i] = static_cast<std::uint8_t>((written.size() + i) * 37 >> 3);
  const std::uint32_t taken = fuzz::send(*host_, held.id, text, how);
  written.insert(written.end(), text.begin(), text.begin() + taken);
  trace("send " + std::to_string(taken));
  look();
}

void Subject::receive(Held& held, std::uint32_t length) {
  Bytes text(length);
  const std::uint32_t count = host_->receive(held.id, std::span{text});
  expect(count <= length, "gave more than was asked for");
  if (count > 0 && held.life && held.life->irs()) {
    const SeqNum first = *held.life->irs() + 1 + static_cast<std::uint32_t>(held.read);
    expect(book_.has_arrived(first, count), "read what never arrived");
    for (std::uint32_t i = 0; i < count; ++i)
      expect(text[i] == peer_byte(first + i), "read other bytes than were sent");
  }
  held.read += count;
  trace("receive " + std::to_string(count));
  look();
}

void Subject::echo(Held& held) {
  const std::uint32_t moved = host_->splice(held.id, held.id);
  trace("splice " + std::to_string(moved));
  Written& written = *held.written;
  written.is_known = written.is_known && (moved == 0 || (held.life && held.life->irs()));
  for (std::uint32_t i = 0; i < moved; ++i, ++held.read)
    written.bytes.push_back(written.is_known ? peer_byte(*held.life->irs() + 1 + static_cast<std::uint32_t>(held.read))
                                             : 0);
  look();
}

}  // namespace weir::fuzz
