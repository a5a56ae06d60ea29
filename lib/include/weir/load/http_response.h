// Reads HTTP/1.x responses (RFC 9112) as they come, in pieces of any size. Lines that lie whole in a piece are read
// where they are; only a line that is cut between two pieces, and a chunked body, need memory: an Extra.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include <weir/base/index_pool.h>
#include <weir/load/http_request.h>

namespace weir::load {

enum class HttpFault : std::uint8_t {
  kNone,
  kStatusLine,  // not "HTTP/1.x NNN ..."
  kField,       // a header field that is none, or a length that is no number or says two things
  kTooLong,     // a head of more than kHeadMax bytes, or a cut line of more than an Extra holds
  kChunk,       // the chunked coding
  kNoMemory,    // no Extra was left
};
const char* to_string(HttpFault fault);

class HttpResponseReader {
 public:
  static constexpr std::uint32_t kHeadMax = 65536;

  // Of a response that needs one, until reset().
  struct Extra {
    std::array<char, 512> line;
    std::uint16_t size = 0;
    ChunkedBodyReader chunks;
  };
  using Extras = IndexPool<Extra>;

  // Reads up to the end of the response. 1xx responses are read over. kDone, kBad stay until reset().
  ReadProgress feed(std::span<const std::uint8_t> bytes, Extras& extras);
  // The peer has closed: that is the end of a body without length, and else kBad (kMore when nothing had begun).
  ReadResult on_end();
  void reset(Extras& extras);

  bool is_done() const { return state_ == State::kDone; }
  std::uint16_t status() const { return status_; }
  // May another response follow on this connection?
  bool keep_alive() const { return keep_alive_ && !until_end_; }
  HttpFault fault() const { return fault_; }

 private:
  enum class State : std::uint8_t { kStatusLine, kFields, kBody, kBodyUntilEnd, kChunks, kDone, kBad };

  ReadProgress read_line(std::span<const std::uint8_t> bytes, Extras& extras);
  std::size_t keep_start(std::span<const std::uint8_t> bytes, Extras& extras);
  ReadProgress read_body(std::span<const std::uint8_t> bytes, Extras& extras);
  void on_line(std::string_view line, Extras& extras);
  void on_status_line(std::string_view line);
  void on_field(std::string_view line);
  void on_length(std::string_view value);
  void on_coding(std::string_view value);
  void on_head_end(Extras& extras);
  bool need_extra(Extras& extras);
  void fail(HttpFault fault);

  std::uint64_t left_ = 0;  // of the body
  std::uint32_t extra_ = kNoIndex;
  std::uint32_t head_bytes_ = 0;
  std::uint16_t status_ = 0;
  State state_ = State::kStatusLine;
  HttpFault fault_ = HttpFault::kNone;
  bool keep_alive_ : 1 = true;
  bool until_end_ : 1 = false;
  bool has_length_ : 1 = false;
  bool is_chunked_ : 1 = false;
};
static_assert(sizeof(HttpResponseReader) <= 24);

}  // namespace weir::load
