#include <weir/co/frames.h>

#include <gtest/gtest.h>

namespace weir::co {
namespace {

TEST(Frames, AreBoundedAndComeBack) {
  Frames frames(2, 100);
  void* first = frames.take(100);
  void* second = frames.take(1);
  ASSERT_TRUE(first && second);
  EXPECT_NE(first, second);
  EXPECT_EQ(frames.take(1), nullptr);
  EXPECT_EQ(frames.refused(), 1U);
  Frames::give_back(first);
  EXPECT_EQ(frames.available(), 1U);
  EXPECT_EQ(frames.take(100), first);
  Frames::give_back(first);
  Frames::give_back(second);
}

TEST(Frames, RefuseWhatIsLargerAndTellTheSize) {
  Frames frames(2, 100);
  EXPECT_EQ(frames.take(5000), nullptr);
  EXPECT_EQ(frames.largest(), 5000U);
  EXPECT_EQ(frames.available(), 2U);
}

TEST(Frames, AreAlignedAsOperatorNewDoes) {
  Frames frames(3, 41);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(frames.take(41)) % __STDCPP_DEFAULT_NEW_ALIGNMENT__, 0U);
}

}  // namespace
}  // namespace weir::co
