// Reads HTTP/1.x requests (RFC 9112) as they come, in pieces of any size, keeping no bytes but a short token.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace weir::load {

enum class HttpMethod : std::uint8_t { kGet, kHead, kPost, kOther };

// Status codes given here: RFC 9110 §15.
enum HttpStatus : std::uint16_t {
  kContinue = 100,
  kOk = 200,
  kBadRequest = 400,
  kNotFound = 404,
  kContentTooLarge = 413,
  kHeadersTooLarge = 431,  // RFC 6585 §5
  kNotImplemented = 501,
  kVersionNotSupported = 505,
};

struct HttpRequest {
  HttpMethod method = HttpMethod::kOther;
  std::uint8_t minor_version = 1;  // HTTP/1.x
  bool keep_alive = true;          // as version and Connection field say
  bool expects_continue = false;   // Expect: 100-continue
  bool chunked = false;            // Transfer-Encoding: chunked
  std::uint64_t content_length = 0;
  std::optional<std::uint64_t> bytes;  // target /bytes/N
};

enum class ReadResult : std::uint8_t { kMore, kDone, kBad };

struct ReadProgress {
  std::size_t consumed = 0;
  ReadResult result = ReadResult::kMore;
};

// The head of a request: request line and header fields.
class HttpHeadReader {
 public:
  // Reads up to the end of the head. `limit`: bytes of the head at most. After kDone, request() is whole; after kBad,
  // status() says why; both stay until begin().
  ReadProgress feed(std::span<const std::uint8_t> bytes, std::uint32_t limit);
  void begin();  // the next request

  const HttpRequest& request() const { return request_; }
  HttpStatus status() const { return status_; }
  bool is_at_start() const { return state_ == State::kStart; }  // nothing of a request was read yet

 private:
  enum class State : std::uint8_t { kStart, kMethod, kTarget, kVersion, kLine, kName, kValue, kDone, kBad };
  enum class Field : std::uint8_t { kOther, kConnection, kContentLength, kExpect, kHost, kTransferEncoding };

  void on_byte(char c);
  void on_start(char c);
  void on_method(char c);
  void on_target(char c);
  void on_line(char c);
  void on_name(char c);
  void on_value(char c);
  void on_line_end();
  void finish_method();
  void finish_target();
  void finish_version();
  void finish_name();
  void finish_value();
  void finish_head();
  void on_content_length();
  void on_connection_option();
  void fail(HttpStatus status);
  void push(char c);
  void start_token(State state);
  std::string_view token() const { return {token_.data(), token_size_}; }

  HttpRequest request_;
  std::array<char, 32> token_{};
  std::uint32_t size_ = 0;  // of the head so far
  std::uint8_t token_size_ = 0;
  bool token_overflow_ = false;
  bool after_cr_ = false;
  bool has_length_ = false;
  std::uint8_t hosts_ = 0;
  State state_ = State::kStart;
  Field field_ = Field::kOther;
  HttpStatus status_ = kOk;
};

// A body in chunked transfer coding (RFC 9112 §7.1), read and thrown away, its trailer fields too.
class ChunkedBodyReader {
 public:
  static constexpr std::uint32_t kLineMax = 4096;  // bytes of a chunk's size line, and of the trailer section

  ReadProgress feed(std::span<const std::uint8_t> bytes);
  std::uint64_t body_bytes() const { return body_bytes_; }  // announced by the chunks so far

 private:
  enum class State : std::uint8_t { kSize, kExtension, kData, kDataEnd, kTrailerLine, kTrailer, kDone, kBad };

  void on_byte(char c);
  void on_size(char c);
  void on_size_end();

  std::uint64_t left_ = 0;  // of this chunk
  std::uint64_t body_bytes_ = 0;
  std::uint32_t line_ = 0;
  std::uint8_t digits_ = 0;
  State state_ = State::kSize;
};

}  // namespace weir::load
