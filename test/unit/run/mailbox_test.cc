#include <weir/run/mailbox.h>

#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace weir::run {
namespace {

TEST(Mailbox, CarriesCommandsOutInOrderAndTellsWhenDone) {
  Mailbox box;
  std::vector<int> done;
  auto first = box.post([&] { done.push_back(1); });
  auto second = box.post([&] { done.push_back(2); });
  ASSERT_TRUE(first && second);
  EXPECT_EQ(box.serve(8), 2U);
  second->get();
  EXPECT_EQ(done, (std::vector{1, 2}));
}

TEST(Mailbox, CarriesOutNoMoreThanItsBudget) {
  Mailbox box;
  int done = 0;
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(box.post([&] { ++done; }));
  EXPECT_EQ(box.serve(3), 3U);
  EXPECT_EQ(done, 3);
  EXPECT_EQ(box.serve(3), 2U);
}

TEST(Mailbox, HandsBackWhatACommandThrew) {
  Mailbox box;
  auto done = box.post([] { throw std::runtime_error("no"); });
  box.serve(1);
  EXPECT_THROW(done->get(), std::runtime_error);
}

TEST(Mailbox, RefusesBeyondItsBound) {
  Mailbox box;
  for (std::size_t i = 0; i < Mailbox::kCommandsMax; ++i) ASSERT_TRUE(box.post([] {}));
  EXPECT_FALSE(box.post([] {}));
  box.serve(1);
  EXPECT_TRUE(box.post([] {}));
}

std::vector<Mailbox::Post> to_each(std::vector<Mailbox>& boxes, unsigned& done) {
  std::vector<Mailbox::Post> posts;
  for (Mailbox& box : boxes) posts.push_back({&box, [&done] { ++done; }});
  return posts;
}

TEST(Mailbox, PostsToAllBoxesOrToNone) {
  std::vector<Mailbox> boxes(3);
  unsigned done = 0;
  for (std::size_t i = 0; i < Mailbox::kCommandsMax; ++i) ASSERT_TRUE(boxes[2].post([] {}));
  EXPECT_FALSE(Mailbox::post_to_all(to_each(boxes, done)));
  for (unsigned i : {0U, 1U}) EXPECT_EQ(boxes[i].serve(1), 0U);
  EXPECT_EQ(boxes[2].serve(1), 1U);
  auto told = Mailbox::post_to_all(to_each(boxes, done));
  ASSERT_TRUE(told);
  EXPECT_EQ(done, 0U);
  for (Mailbox& box : boxes) box.serve(Mailbox::kCommandsMax);
  for (auto& one : *told) one.get();
  EXPECT_EQ(done, 3U);
}

TEST(Mailbox, PlacesThatWereNotUsedAreGivenBack) {
  std::vector<Mailbox> boxes(2);
  unsigned done = 0;
  for (std::size_t i = 0; i < Mailbox::kCommandsMax; ++i) ASSERT_TRUE(boxes[1].post([] {}));
  EXPECT_FALSE(Mailbox::post_to_all(to_each(boxes, done)));
  for (std::size_t i = 0; i < Mailbox::kCommandsMax; ++i) ASSERT_TRUE(boxes[0].post([] {}));
  EXPECT_FALSE(boxes[0].post([] {})) << "one more than there is room for";
}

TEST(Mailbox, BreaksThePromisesItDidNotKeep) {
  std::optional<std::future<void>> done;
  {
    Mailbox box;
    done = box.post([] {});
  }
  EXPECT_THROW(done->get(), std::future_error);
}

TEST(Mailbox, TakesLettersFromSeveralThreads) {
  Mailbox box;
  constexpr unsigned kEach = 200;
  unsigned done = 0;
  std::vector<std::thread> senders;
  for (int i = 0; i < 3; ++i)
    senders.emplace_back([&] {
      for (unsigned n = 0; n < kEach; ++n) EXPECT_TRUE(box.post([&] { ++done; }));
    });
  unsigned served = 0;
  while (served < 3 * kEach) served += box.serve(8);
  for (auto& sender : senders) sender.join();
  EXPECT_EQ(done, 3 * kEach);
}

}  // namespace
}  // namespace weir::run
