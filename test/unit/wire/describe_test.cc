#include <gtest/gtest.h>

#include <weir/wire/describe.h>

namespace weir {
namespace {

IpHeader between(const char* source, const char* destination) {
  IpHeader ip;
  ip.source = IpAddress::parse(source).value();
  ip.destination = IpAddress::parse(destination).value();
  return ip;
}

Segment segment(std::uint8_t flags) {
  Segment result;
  result.source_port = 4000;
  result.destination_port = 80;
  result.seq = SeqNum{1};
  result.ack = SeqNum{2};
  result.flags = flags;
  result.window = UnscaledWindow{65535};
  return result;
}

TEST(Describe, SaysASynAckInOneLine) {
  Segment syn_ack = segment(kSyn | kAck);
  syn_ack.options = {
      .mss = 1460, .window_scale = WindowScale{7}, .timestamps = Timestamps{1, 2}, .sack_permitted = true};
  EXPECT_EQ(wire::describe(between("192.0.2.1", "192.0.2.2"), syn_ack),
            "192.0.2.1:4000 > 192.0.2.2:80 [S.] seq 1 ack 2 win 65535 len 0 <mss 1460,sackOK,ts 1/2,wscale 7>");
}

TEST(Describe, LeavesOutAnAcknowledgmentThatIsNone) {
  EXPECT_EQ(wire::describe(between("2001:db8::1", "2001:db8::2"), segment(kRst)),
            "[2001:db8::1]:4000 > [2001:db8::2]:80 [R] seq 1 win 65535 len 0");
}

TEST(Describe, ListsSackBlocksAndTheUrgentPointer) {
  Segment ack = segment(kAck | kUrg);
  ack.urgent = 9;
  ack.payload_length = 3;
  ack.options.sack_count = 2;
  ack.options.sack = {SackBlock{SeqNum{5}, SeqNum{7}}, SackBlock{SeqNum{9}, SeqNum{0xffff'ffff}}};
  EXPECT_EQ(wire::describe(between("192.0.2.1", "192.0.2.2"), ack),
            "192.0.2.1:4000 > 192.0.2.2:80 [.U] seq 1 ack 2 win 65535 urg 9 len 3 <sack {5:7}{9:4294967295}>");
}

TEST(Describe, NamesEveryFlag) {
  EXPECT_EQ(wire::describe_flags(0), "none");
  EXPECT_EQ(wire::describe_flags(kFin | kAck), "F.");
  EXPECT_EQ(wire::describe_flags(kPsh | kAck), "P.");
  EXPECT_EQ(wire::describe_flags(0xff), "SFRP.UEW");
}

TEST(WireError, HasANameForEveryValue) {
  EXPECT_STREQ(to_string(WireError::kNone), "none");
  EXPECT_STREQ(to_string(WireError::kIcmpTruncated), "icmp-truncated");
  EXPECT_STREQ(to_string(WireError::kCount), "unknown");
}

}  // namespace
}  // namespace weir
