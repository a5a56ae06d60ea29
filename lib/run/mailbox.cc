#include <weir/run/mailbox.h>

#include <boost/lockfree/queue.hpp>

namespace weir::run {

namespace {

struct Letter {
  Mailbox::Command command;
  std::promise<void> done;
};

void carry_out(Letter& letter) {
  try {
    letter.command();
    letter.done.set_value();
  } catch (...) {
    letter.done.set_exception(std::current_exception());
  }
}

}  // namespace

struct Mailbox::Impl {
  boost::lockfree::queue<Letter*, boost::lockfree::capacity<kCommandsMax>> letters;
};

Mailbox::Mailbox() : impl_(std::make_unique<Impl>()) {}

Mailbox::~Mailbox() {
  impl_->letters.consume_all([](Letter* letter) { delete letter; });
}

std::optional<std::future<void>> Mailbox::post(Command command) {
  auto letter = std::make_unique<Letter>(Letter{std::move(command), {}});
  std::future<void> done = letter->done.get_future();
  if (!impl_->letters.bounded_push(letter.get())) return std::nullopt;
  static_cast<void>(letter.release());  // the box's now
  return done;
}

unsigned Mailbox::serve(unsigned budget) {
  unsigned served = 0;
  for (Letter* taken = nullptr; served < budget && impl_->letters.pop(taken); ++served)
    carry_out(*std::unique_ptr<Letter>(taken));
  return served;
}

}  // namespace weir::run
