#include <cstdio>
#include <fstream>
#include <iterator>
#include <system_error>

#include <gtest/gtest.h>

#include <weir/wire/pcap_writer.h>

#include "chains.h"
#include "raw_packets.h"
#include "support/eal.h"

namespace weir {
namespace {

using test::Bytes;
using test::operator+;

class PcapWriterTest : public ::testing::Test {
 protected:
  ~PcapWriterTest() override { std::remove(path.c_str()); }
  Bytes content() const {
    std::ifstream file{path, std::ios::binary};
    return Bytes(std::istreambuf_iterator<char>{file}, {});
  }
  test::TestPool pool;
  const std::string path = ::testing::TempDir() + "pcap_writer_test.pcap";
};

const Bytes kFileHeader{0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0};

TEST_F(PcapWriterTest, WritesPacketsUnderTheirVirtualTimes) {
  {
    wire::PcapWriter writer{path};
    EXPECT_TRUE(writer.write(Instant{} + 3s + 5ns, pool->copy(test::counting(4))));
    EXPECT_TRUE(writer.write(Instant{} + 4s, test::chain(*pool, test::counting(3), {1, 0, 2})));
    EXPECT_EQ(writer.written(), 2U);
  }
  const Bytes first = Bytes{3, 0, 0, 0, 5, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0} + test::counting(4);
  const Bytes second = Bytes{4, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0} + test::counting(3);
  EXPECT_EQ(content(), kFileHeader + first + second);
}

TEST_F(PcapWriterTest, LeavesOutWhatExceedsItsBound) {
  {
    wire::PcapWriter writer{path, 24 + 16 + 10};
    EXPECT_FALSE(writer.write(Instant{}, pool->copy(Bytes(11))));
    EXPECT_TRUE(writer.write(Instant{}, pool->copy(Bytes(10))));
    EXPECT_FALSE(writer.write(Instant{}, pool->copy(Bytes(1))));
    EXPECT_EQ(writer.written(), 1U);
    EXPECT_EQ(writer.left_out(), 2U);
  }
  EXPECT_EQ(content().size(), 50U);
}

// stdio's buffer takes the first ones; half a record may stand in the file then, and nothing can follow it.
TEST_F(PcapWriterTest, WritesNothingMoreOnceTheDiskIsFull) {
  wire::PcapWriter writer{"/dev/full"};
  while (writer.written() < 100 && writer.write(Instant{}, pool->copy(Bytes(1000)))) {
  }
  EXPECT_LT(writer.written(), 100U);
  EXPECT_FALSE(writer.write(Instant{}, pool->copy(Bytes(1))));
  EXPECT_EQ(writer.left_out(), 2U);
}

TEST_F(PcapWriterTest, NamesTheFileThatItCannotOpen) {
  try {
    wire::PcapWriter{"/nowhere/at/all.pcap"};
    FAIL();
  } catch (const std::system_error& error) {
    EXPECT_NE(std::string{error.what()}.find("/nowhere/at/all.pcap"), std::string::npos);
  }
}

}  // namespace
}  // namespace weir
