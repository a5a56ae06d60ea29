// The TIME_WAIT table against a plain list, with another thread asking all the while.
#include <atomic>
#include <cstdint>
#include <list>
#include <thread>

#include <gtest/gtest.h>

#include <weir/flow/time_wait_table.h>

#include "keys.h"
#include "support/seed.h"

namespace weir {
namespace {

constexpr std::uint32_t kTwoMsl = 500, kKeys = 400;
constexpr std::uint32_t kRoomy = 100'000;

struct Known {
  std::uint32_t number;
  std::uint32_t expires;
};

class TableAndModel {
 public:
  explicit TableAndModel(std::uint64_t seed) : random_(seed) {}

  void step() {
    now_ += random_.below(4);
    const std::uint32_t number = random_.below(kKeys);
    forget_expired();
    const auto known = find(number);
    TimeWait entry;
    TimeWaitRef ref;
    const FlowKey key = test::key(number);
    const bool is_found = table_.find(key, test::hash(key), Tick{now_}, entry, ref);
    ASSERT_EQ(is_found, known != model_.end());
    if (is_found) {
      ASSERT_EQ(entry.expires, Tick{known->expires});
      ASSERT_EQ(entry.key, key);
      change(known, ref);
    } else {
      entry = TimeWait{};
      entry.key = key;
      table_.insert(entry, test::hash(key), Tick{now_});
      model_.push_back({number, now_ + kTwoMsl});
    }
    if (random_.chance(20)) table_.advance(Tick{now_}, 1 + random_.below(20));
  }
  void drain() {
    now_ += 2 * kTwoMsl;
    while (table_.advance(Tick{now_}, 50) == 50) continue;
    EXPECT_EQ(table_.size(), 0U);
    EXPECT_EQ(table_.evicted(), 0U);
  }
  const TimeWaitTable& table() const { return table_; }

 private:
  std::list<Known>::iterator find(std::uint32_t number) {
    auto at = model_.begin();
    while (at != model_.end() && at->number != number) ++at;
    return at;
  }
  void forget_expired() {
    model_.remove_if([&](const Known& known) { return !Tick{known.expires}.after(Tick{now_}); });
  }
  void change(std::list<Known>::iterator known, TimeWaitRef ref) {
    if (random_.chance(50)) {
      table_.restart(ref, Tick{now_});
      known->expires = now_ + kTwoMsl;
    } else if (random_.chance(30)) {
      table_.erase(ref);
      model_.erase(known);
    }
  }

  Random random_;
  std::uint32_t now_ = 0xffff'0000;  // wraps on the way
  TimeWaitTable table_{kRoomy, kRoomy, kTwoMsl, test::kSecret};
  std::list<Known> model_;
};

TEST(TimeWaitModel, BehavesAsAList) {
  WEIR_SEEDED(seed);
  TableAndModel both{seed};
  for (int i = 0; i < 100'000 && !testing::Test::HasFailure(); ++i) both.step();
  both.drain();
}

TEST(TimeWaitModel, MayBeAskedFromAnotherThread) {
  WEIR_SEEDED(seed);
  TableAndModel both{seed};
  std::atomic<bool> is_done{false};
  std::uint64_t found = 0;
  std::thread reader{[&] {
    for (std::uint32_t number = 0; !is_done; number = (number + 1) % kKeys) {
      found += both.table().contains(test::key(number), test::hash(test::key(number)));
    }
  }};
  for (int i = 0; i < 20'000 && !testing::Test::HasFailure(); ++i) both.step();
  is_done = true;
  reader.join();
  EXPECT_GT(found, 0U);
}

}  // namespace
}  // namespace weir
