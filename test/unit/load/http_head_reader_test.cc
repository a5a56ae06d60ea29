#include <string>

#include <gtest/gtest.h>

#include <weir/load/http_request.h>

namespace weir::load {
namespace {

constexpr std::uint32_t kLimit = 8192;

std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Every outcome must be the same however the bytes are cut: `piece` at a time.
ReadProgress read(HttpHeadReader& reader, std::string_view text, std::size_t piece) {
  ReadProgress all;
  while (!text.empty() && all.result == ReadResult::kMore) {
    const auto step = reader.feed(bytes(text.substr(0, piece)), kLimit);
    all.consumed += step.consumed;
    all.result = step.result;
    text.remove_prefix(step.consumed);
  }
  return all;
}

HttpRequest read_whole(std::string_view text) {
  HttpRequest request;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, text.size()}) {
    HttpHeadReader reader;
    const auto progress = read(reader, text, piece);
    EXPECT_EQ(progress.result, ReadResult::kDone) << text;
    EXPECT_EQ(progress.consumed, text.size()) << text;
    request = reader.request();
  }
  return request;
}

unsigned refused_with(std::string_view text) {
  unsigned status = 0;
  for (const std::size_t piece : {std::size_t{1}, text.size()}) {
    HttpHeadReader reader;
    EXPECT_EQ(read(reader, text, piece).result, ReadResult::kBad) << text;
    status = reader.status();
  }
  return status;
}

TEST(HttpHeadReader, ReadsAPlainGet) {
  const auto request = read_whole("GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: curl/8\r\nAccept: */*\r\n\r\n");
  EXPECT_EQ(request.method, HttpMethod::kGet);
  EXPECT_EQ(request.minor_version, 1);
  EXPECT_TRUE(request.keep_alive);
  EXPECT_EQ(request.bytes, std::nullopt);
}

TEST(HttpHeadReader, ReadsHowManyBytesAreAskedFor) {
  EXPECT_EQ(read_whole("GET /bytes/1073741824 HTTP/1.1\r\nHost: a\r\n\r\n").bytes, 1073741824u);
  EXPECT_EQ(read_whole("GET /bytes/ HTTP/1.1\r\nHost: a\r\n\r\n").bytes, std::nullopt);
  EXPECT_EQ(read_whole("GET /bytes/12x HTTP/1.1\r\nHost: a\r\n\r\n").bytes, std::nullopt);
  EXPECT_EQ(read_whole("GET /bytes/99999999999999999999 HTTP/1.1\r\nHost: a\r\n\r\n").bytes, std::nullopt);
  EXPECT_EQ(read_whole("GET /bytes/000000000000000000000000000001 HTTP/1.1\r\nHost: a\r\n\r\n").bytes, std::nullopt);
}

TEST(HttpHeadReader, KeepsOrClosesAsVersionAndConnectionSay) {
  EXPECT_FALSE(read_whole("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").keep_alive);
  EXPECT_FALSE(read_whole("GET / HTTP/1.1\r\nHost: a\r\ncOnNeCtIoN:  foo , CLOSE ,x\t\r\n\r\n").keep_alive);
  EXPECT_TRUE(read_whole("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n\r\n").keep_alive);
  EXPECT_FALSE(read_whole("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_TRUE(read_whole("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
}

TEST(HttpHeadReader, ReadsTheLengthOfABody) {
  const auto post =
      read_whole("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length:  1048577 \r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(post.method, HttpMethod::kPost);
  EXPECT_EQ(post.content_length, 1048577u);
  EXPECT_TRUE(post.expects_continue);
  EXPECT_TRUE(read_whole("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n").chunked);
}

TEST(HttpHeadReader, TakesBareLineFeedsAndEmptyLinesBefore) {
  EXPECT_EQ(read_whole("\r\n\nHEAD / HTTP/1.1\nHost: a\n\n").method, HttpMethod::kHead);
}

TEST(HttpHeadReader, StopsAtTheEndOfTheHead) {
  const std::string_view head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  HttpHeadReader reader;
  const std::string two = std::string(head) + std::string(head);
  EXPECT_EQ(read(reader, two, two.size()).consumed, head.size());
  reader.begin();
  EXPECT_TRUE(reader.is_at_start());
  EXPECT_EQ(read(reader, head, 5).result, ReadResult::kDone);
}

TEST(HttpHeadReader, RefusesWhatIsNoRequest) {
  EXPECT_EQ(refused_with("\x16\x03\x01\x02\r\n"), kBadRequest);  // a TLS hello
  EXPECT_EQ(refused_with("GET\r\n"), kBadRequest);
  EXPECT_EQ(refused_with("GET /\r\n"), kBadRequest);
  EXPECT_EQ(refused_with(" GET / HTTP/1.1\r\n"), kBadRequest);
  EXPECT_EQ(refused_with("GET  / HTTP/1.1\r\n"), kBadRequest);
  EXPECT_EQ(refused_with("GET / HTTP/1.1 x\r\n"), kBadRequest);
  EXPECT_EQ(refused_with("GET / FTP/1.1\r\n"), kBadRequest);
  EXPECT_EQ(refused_with("GET / HTTP/1.1\rHost: a\r\n"), kBadRequest);
  EXPECT_EQ(refused_with("GET / HTTP/2.0\r\n"), kVersionNotSupported);
  EXPECT_EQ(refused_with("BREW / HTTP/1.1\r\nHost: a\r\n\r\n"), kNotImplemented);
}

TEST(HttpHeadReader, RefusesWhatTwoReadersCouldTakeDifferently) {
  const std::string start = "POST / HTTP/1.1\r\nHost: a\r\n";
  EXPECT_EQ(refused_with("GET / HTTP/1.1\r\n\r\n"), kBadRequest);  // no Host
  EXPECT_EQ(refused_with(start + "Host: b\r\n\r\n"), kBadRequest);
  EXPECT_EQ(refused_with(start + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n"), kBadRequest);
  EXPECT_EQ(refused_with(start + "Content-Length: 5, 5\r\n\r\n"), kBadRequest);
  EXPECT_EQ(refused_with(start + "Content-Length: -1\r\n\r\n"), kBadRequest);
  EXPECT_EQ(refused_with(start + "Content-Length: 18446744073709551616\r\n\r\n"), kBadRequest);
  EXPECT_EQ(refused_with(start + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"), kBadRequest);
  EXPECT_EQ(refused_with(start + "Transfer-Encoding: gzip\r\n\r\n"), kNotImplemented);
  EXPECT_EQ(refused_with(start + "Name : x\r\n"), kBadRequest);
  EXPECT_EQ(refused_with(start + " folded\r\n"), kBadRequest);
}

TEST(HttpHeadReader, BoundsTheHead) {
  std::string endless = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  endless.append(kLimit, 'x');
  EXPECT_EQ(refused_with(endless), kHeadersTooLarge);
  HttpHeadReader reader;
  EXPECT_EQ(read(reader, std::string(kLimit, '\n') + "\n", 1000).result, ReadResult::kBad);
}

}  // namespace
}  // namespace weir::load
