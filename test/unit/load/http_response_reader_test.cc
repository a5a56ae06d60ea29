// HTTP responses in pieces of any size.
#include <string>

#include <gtest/gtest.h>

#include <weir/load/http_response.h>

namespace weir::load {
namespace {

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

class HttpResponse : public ::testing::Test {
 protected:
  // Fed in pieces of so many bytes; what was not consumed is left in `rest`.
  ReadResult feed(std::string_view text, std::size_t piece) {
    rest = {};
    while (!text.empty()) {
      const auto part = text.substr(0, piece);
      const ReadProgress progress = reader.feed(bytes_of(part), extras);
      text.remove_prefix(progress.consumed);
      if (progress.result != ReadResult::kMore) {
        rest = text;
        return progress.result;
      }
      EXPECT_EQ(progress.consumed, part.size());
    }
    return ReadResult::kMore;
  }
  // Whole, byte by byte and in threes: always the same.
  void gives(std::string_view text, ReadResult result, HttpFault fault = HttpFault::kNone) {
    for (const std::size_t piece : {text.size(), std::size_t{1}, std::size_t{3}}) {
      reader.reset(extras);
      EXPECT_EQ(feed(text, piece), result) << text << " in pieces of " << piece;
      EXPECT_EQ(reader.fault(), fault) << text << " in pieces of " << piece;
    }
  }
  ~HttpResponse() override {
    reader.reset(extras);
    EXPECT_EQ(extras.in_use(), 0u);
  }

  HttpResponseReader::Extras extras{4};
  HttpResponseReader reader;
  std::string_view rest;
};

TEST_F(HttpResponse, EndsWithItsLength) {
  gives("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", ReadResult::kDone);
  EXPECT_EQ(reader.status(), 200);
  EXPECT_TRUE(reader.keep_alive());
  gives("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", ReadResult::kMore);
}

TEST_F(HttpResponse, WhatFollowsIsLeft) {
  EXPECT_EQ(feed("HTTP/1.1 200 OK\r\ncontent-length:2\r\n\r\nokHTTP", 100), ReadResult::kDone);
  EXPECT_EQ(rest, "HTTP");
}

TEST_F(HttpResponse, NeedsNoMemoryForWholeLines) {
  EXPECT_EQ(feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 1000), ReadResult::kDone);
  EXPECT_EQ(extras.in_use(), 0u);
}

TEST_F(HttpResponse, CutLinesNeedMemoryAndGiveItBack) {
  feed("HTTP/1.1 20", 1000);
  EXPECT_EQ(extras.in_use(), 1u);
  EXPECT_EQ(feed("4 No Content\r\n\r\n", 1000), ReadResult::kDone);
  EXPECT_EQ(reader.status(), 204);
  reader.reset(extras);
  EXPECT_EQ(extras.in_use(), 0u);
}

TEST_F(HttpResponse, IsBadWhereNoMemoryIsLeft) {
  HttpResponseReader::Extras none{1};
  HttpResponseReader first, second;
  EXPECT_EQ(first.feed(bytes_of("HTT"), none).result, ReadResult::kMore);
  EXPECT_EQ(second.feed(bytes_of("HTT"), none).result, ReadResult::kBad);
  EXPECT_EQ(second.fault(), HttpFault::kNoMemory);
  first.reset(none);
}

TEST_F(HttpResponse, EndsWithTheLastChunk) {
  gives("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", ReadResult::kDone);
  gives("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\nx\r\n", ReadResult::kBad, HttpFault::kChunk);
}

TEST_F(HttpResponse, EndsWithTheConnectionWhereNothingElseSays) {
  EXPECT_EQ(feed("HTTP/1.1 200 OK\r\nServer: a\r\n\r\nbytes", 1000), ReadResult::kMore);
  EXPECT_FALSE(reader.keep_alive());
  EXPECT_EQ(reader.on_end(), ReadResult::kDone);
}

TEST_F(HttpResponse, EndBeforeItsTimeIsBad) {
  EXPECT_EQ(reader.on_end(), ReadResult::kMore);  // nothing had begun
  feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", 1000);
  EXPECT_EQ(reader.on_end(), ReadResult::kBad);
}

TEST_F(HttpResponse, TellsWhetherAnotherMayFollow) {
  gives("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", ReadResult::kDone);
  EXPECT_FALSE(reader.keep_alive());
  gives("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", ReadResult::kDone);
  EXPECT_FALSE(reader.keep_alive());
  gives("HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n", ReadResult::kDone);
  EXPECT_TRUE(reader.keep_alive());
}

TEST_F(HttpResponse, InterimOnesAreReadOver) {
  gives("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", ReadResult::kDone);
  EXPECT_EQ(reader.status(), 200);
}

TEST_F(HttpResponse, BareLineFeedsEndLinesToo) {
  gives("HTTP/1.1 200 OK\nContent-Length: 2\n\nok", ReadResult::kDone);
}

TEST_F(HttpResponse, GarbageIsTold) {
  gives("SSH-2.0-OpenSSH_9.2\r\n", ReadResult::kBad, HttpFault::kStatusLine);
  gives("HTTP/2 200\r\n\r\n", ReadResult::kBad, HttpFault::kStatusLine);
  gives("HTTP/1.1 2x0 OK\r\n\r\n", ReadResult::kBad, HttpFault::kStatusLine);
  gives("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", ReadResult::kBad, HttpFault::kField);
  gives("HTTP/1.1 200 OK\r\n folded: 1\r\n\r\n", ReadResult::kBad, HttpFault::kField);
  gives("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", ReadResult::kBad, HttpFault::kField);
  gives("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", ReadResult::kBad, HttpFault::kField);
}

// Two readers could take it differently: RFC 9112 §6.3.
TEST_F(HttpResponse, TwoLengthsAreRefused) {
  gives("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n", ReadResult::kBad, HttpFault::kField);
  gives("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", ReadResult::kBad,
        HttpFault::kField);
  gives("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", ReadResult::kDone);
}

TEST_F(HttpResponse, HeadsAndCutLinesHaveABound) {
  std::string endless = "HTTP/1.1 200 OK\r\n";
  while (endless.size() <= HttpResponseReader::kHeadMax) endless += "X-Field: 1\r\n";
  gives(endless, ReadResult::kBad, HttpFault::kTooLong);
  reader.reset(extras);
  EXPECT_EQ(feed("HTTP/1.1 200 " + std::string(600, 'a'), 10), ReadResult::kBad);
  EXPECT_EQ(reader.fault(), HttpFault::kTooLong);
}

}  // namespace
}  // namespace weir::load
