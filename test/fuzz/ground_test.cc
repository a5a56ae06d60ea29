// What is left at the end of an input is seen, and so is a packet that is used after it was freed.
#include "ground.h"

#include <gtest/gtest.h>
#include <sanitizer/asan_interface.h>

namespace weir::fuzz {
namespace {

class GroundTest : public ::testing::Test {
 protected:
  static void ignore(void*, std::span<rte_mbuf*> batch) { PacketPool::free(batch); }

  static stack::HostConfig small() {
    stack::HostConfig config;
    config.connections = config.half_open = config.time_wait_v4 = config.time_wait_v6 = 4;
    return config;
  }

  PacketPool& packets_ = packets_of(0);
  Outbox outbox_{&GroundTest::ignore, nullptr};
  stack::Host host_{small(), outbox_, packets_, Instant{1'000s}};
};

TEST_F(GroundTest, SeesAPacketThatIsMissing) {
  expect_all_given_back(host_, packets_, "host");
  const Packet kept = packets_.allocate();
  EXPECT_DEATH(expect_all_given_back(host_, packets_, "host"), "host: 1 packets left");
}

TEST_F(GroundTest, SeesAConnectionThatIsLeft) {
  const IpAddress own = IpAddress::parse("192.0.2.1").value();
  host_.add_address(own, 1500);
  stack::ConnectionId id;
  stack::ConnectOptions options;
  options.remote = {IpAddress::parse("192.0.2.2").value(), 80};
  ASSERT_EQ(host_.connect(options, id), stack::CallError::kNone);
  outbox_.flush();
  EXPECT_DEATH(expect_all_given_back(host_, packets_, "host"), "host: 1 connections left");
  static_cast<void>(host_.abort(id));
  outbox_.flush();
}

TEST_F(GroundTest, SeesATimerThatRemains) {
  host_.set_timer(1s);
  EXPECT_DEATH(expect_all_given_back(host_, packets_, "host"), "host: 1 timer left");
}

#ifdef __SANITIZE_ADDRESS__
TEST_F(GroundTest, PoisonsFreePackets) {
  Packet packet = packets_.allocate();
  const std::uint8_t* byte = packet.append(1);
  EXPECT_FALSE(__asan_address_is_poisoned(byte));
  packet.reset();
  EXPECT_TRUE(__asan_address_is_poisoned(byte));
}
#endif

}  // namespace
}  // namespace weir::fuzz
