#include <weir/run/mailbox.h>

#include <atomic>

#include <boost/lockfree/queue.hpp>

namespace weir::run {

namespace {

struct Letter {
  Mailbox::Command command;
  std::promise<void> done{};
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
  bool take_place();
  void give_back_place() { taken.fetch_sub(1, std::memory_order_release); }
  void put(std::unique_ptr<Letter> letter);  // where a place was taken for it

  boost::lockfree::queue<Letter*, boost::lockfree::capacity<kCommandsMax>> letters;
  std::atomic<std::size_t> taken{0};  // places: of the letters there, and of those that will be put there
};

bool Mailbox::Impl::take_place() {
  std::size_t before = taken.load(std::memory_order_relaxed);
  do {
    if (before == kCommandsMax) return false;
  } while (!taken.compare_exchange_weak(before, before + 1, std::memory_order_acquire, std::memory_order_relaxed));
  return true;
}

void Mailbox::Impl::put(std::unique_ptr<Letter> letter) {
  if (letters.bounded_push(letter.get())) static_cast<void>(letter.release());  // the box's now
}

Mailbox::Mailbox() : impl_(std::make_unique<Impl>()) {}

Mailbox::~Mailbox() {
  impl_->letters.consume_all([](Letter* letter) { delete letter; });
}

std::optional<std::future<void>> Mailbox::post(Command command) {
  auto letter = std::make_unique<Letter>(Letter{std::move(command)});
  std::future<void> done = letter->done.get_future();
  if (!impl_->take_place()) return std::nullopt;
  impl_->put(std::move(letter));
  return done;
}

// Once all places are taken nothing can fail.
std::optional<std::vector<std::future<void>>> Mailbox::post_to_all(std::vector<Post> posts) {
  std::vector<std::unique_ptr<Letter>> letters;
  std::vector<std::future<void>> done;
  for (Post& post : posts) {
    letters.push_back(std::make_unique<Letter>(Letter{std::move(post.command)}));
    done.push_back(letters.back()->done.get_future());
  }
  for (std::size_t i = 0; i < posts.size(); ++i) {
    if (posts[i].box->impl_->take_place()) continue;
    while (i-- > 0) posts[i].box->impl_->give_back_place();
    return std::nullopt;
  }
  for (std::size_t i = 0; i < posts.size(); ++i) posts[i].box->impl_->put(std::move(letters[i]));
  return done;
}

unsigned Mailbox::serve(unsigned budget) {
  unsigned served = 0;
  for (Letter* taken = nullptr; served < budget && impl_->letters.pop(taken); ++served) {
    impl_->give_back_place();
    carry_out(*std::unique_ptr<Letter>(taken));
  }
  return served;
}

}  // namespace weir::run
