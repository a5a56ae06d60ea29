// Other threads look up and list while the writer inserts and erases. Run with -Db_sanitize=thread too.
#include <atomic>
#include <cstdint>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <weir/flow/connection_table.h>

#include "support/seed.h"

namespace weir {
namespace {

constexpr std::uint32_t kResident = 500, kFleeting = 500, kEntries = kResident + kFleeting;
constexpr int kWrites = 100'000;

// Every index has one hash for life, so a reader can tell a right answer from a wrong one. The first half stay in the
// table, the others come and go.
class ReadersTest : public testing::Test {
 protected:
  ReadersTest() {
    for (auto& hash : hashes_) hash = random_.next();
    for (std::uint32_t i = 0; i < kResident; ++i) EXPECT_TRUE(table_.insert(hashes_[i], i));
  }

  void write() {
    std::vector<bool> is_in(kEntries);
    for (int i = 0; i < kWrites; ++i) {
      const std::uint32_t index = kResident + random_.below(kFleeting);
      if (is_in[index]) {
        table_.erase(hashes_[index], index);
      } else {
        EXPECT_TRUE(table_.insert(hashes_[index], index));
      }
      is_in[index] = !is_in[index];
    }
    is_done_ = true;
  }
  template <typename Read>
  void read_while_writing(Read&& read) {
    std::thread reader{[&] {
      do {
        read();
      } while (!is_done_);
    }};
    write();
    reader.join();
  }

  const std::uint64_t seed_ = test::seed();
  testing::ScopedTrace trace_{__FILE__, __LINE__, "WEIR_SEED=" + std::to_string(seed_)};
  Random random_{seed_};
  ConnectionTable table_{kEntries};
  std::vector<std::uint64_t> hashes_ = std::vector<std::uint64_t>(kEntries);
  std::atomic<bool> is_done_{false};
};

TEST_F(ReadersTest, AlwaysFindWhatStays) {
  read_while_writing([&] {
    for (std::uint32_t i = 0; i < kResident; ++i) {
      ASSERT_EQ(table_.find(hashes_[i], [&](std::uint32_t index) { return index == i; }), i);
    }
  });
}

TEST_F(ReadersTest, NeverFindOneForAnother) {
  read_while_writing([&] {
    for (std::uint32_t i = kResident; i < kEntries; ++i) {
      const std::uint32_t found = table_.find(hashes_[i], [&](std::uint32_t index) { return index == i; });
      ASSERT_TRUE(found == i || found == kNoIndex);
    }
  });
}

TEST_F(ReadersTest, ListWhatStaysExactlyOnce) {
  read_while_writing([&] {
    std::multiset<std::uint32_t> seen;
    for (std::uint32_t i = 0; i < table_.buckets(); ++i) {
      table_.visit_bucket(i, [&](std::uint32_t index) { seen.insert(index); });
    }
    for (std::uint32_t i = 0; i < kResident; ++i) ASSERT_EQ(seen.count(i), 1U) << i;
    ASSERT_LT(*seen.rbegin(), kEntries);
  });
}

}  // namespace
}  // namespace weir
