#include <vector>

#include <gtest/gtest.h>

#include <weir/wire/outbox.h>

#include "chains.h"
#include "support/eal.h"

namespace weir {
namespace {

struct Sink {
  static void take(void* context, std::span<rte_mbuf*> batch) {
    static_cast<Sink*>(context)->batches.push_back(batch.size());
    PacketPool::free(batch);
  }
  std::vector<std::size_t> batches;
};

TEST(Outbox, HandsOnWhenFullAndWhenAsked) {
  test::TestPool pool;
  Sink sink;
  Outbox outbox{&Sink::take, &sink};
  outbox.flush();
  EXPECT_TRUE(sink.batches.empty());
  for (unsigned i = 0; i < Outbox::kBatch + 3; ++i) outbox.push(pool->allocate());
  EXPECT_EQ(sink.batches, (std::vector<std::size_t>{Outbox::kBatch}));
  outbox.flush();
  EXPECT_EQ(sink.batches, (std::vector<std::size_t>{Outbox::kBatch, 3}));
}

}  // namespace
}  // namespace weir
