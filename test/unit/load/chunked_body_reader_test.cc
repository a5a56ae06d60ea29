#include <string>

#include <gtest/gtest.h>

#include <weir/load/http_request.h>

namespace weir::load {
namespace {

struct Outcome {
  ReadResult result;
  std::size_t consumed;
  std::uint64_t body;
  bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view text, std::size_t piece) {
  ChunkedBodyReader reader;
  ReadProgress step;
  std::size_t consumed = 0;
  while (consumed < text.size() && step.result == ReadResult::kMore) {
    const auto part = text.substr(consumed, piece);
    step = reader.feed({reinterpret_cast<const std::uint8_t*>(part.data()), part.size()});
    consumed += step.consumed;
  }
  return {step.result, consumed, reader.body_bytes()};
}

TEST(ChunkedBodyReader, SkipsChunksHoweverTheyAreCut) {
  const std::string body = "5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: z\r\n\r\n";
  for (std::size_t piece = 1; piece <= body.size(); ++piece) {
    EXPECT_EQ(read(body + "GET", piece), (Outcome{ReadResult::kDone, body.size(), 15})) << piece;
  }
}

TEST(ChunkedBodyReader, RefusesGarbage) {
  EXPECT_EQ(read("x\r\n", 3).result, ReadResult::kBad);
  EXPECT_EQ(read("\r\n", 2).result, ReadResult::kBad);
  EXPECT_EQ(read("1\r\nab\r\n", 7).result, ReadResult::kBad);
  EXPECT_EQ(read("1000000000000000\r\n", 18).result, ReadResult::kBad);
  EXPECT_EQ(read("1;" + std::string(ChunkedBodyReader::kLineMax, 'x'), 100).result, ReadResult::kBad);
}

}  // namespace
}  // namespace weir::load
