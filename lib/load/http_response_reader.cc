#include <weir/load/http_response.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace weir::load {
namespace {

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a | 0x20 : a) == b; });
}

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// RFC 9110 §15.2, §6.4.1: these have no body, whatever the fields say.
bool has_no_body(std::uint16_t status) {
  return status == 204 || status == 304;
}

}  // namespace

const char* to_string(HttpFault fault) {
  constexpr std::array kNames{"none", "status_line", "field", "too_long", "chunk", "no_memory"};
  return kNames[static_cast<std::size_t>(fault)];
}

ReadProgress HttpResponseReader::feed(std::span<const std::uint8_t> bytes, Extras& extras) {
  std::size_t consumed = 0;
  while (consumed < bytes.size() && state_ != State::kDone && state_ != State::kBad) {
    const auto rest = bytes.subspan(consumed);
    consumed += (state_ <= State::kFields ? read_line(rest, extras) : read_body(rest, extras)).consumed;
  }
  if (state_ == State::kBad) return {consumed, ReadResult::kBad};
  return {consumed, state_ == State::kDone ? ReadResult::kDone : ReadResult::kMore};
}

ReadProgress HttpResponseReader::read_line(std::span<const std::uint8_t> bytes, Extras& extras) {
  const void* found = std::memchr(bytes.data(), '\n', bytes.size());
  if (found == nullptr) {
    head_bytes_ += static_cast<std::uint32_t>(bytes.size());
    return {keep_start(bytes, extras), ReadResult::kMore};
  }
  const auto length = static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - bytes.data()) + 1;
  head_bytes_ += static_cast<std::uint32_t>(length);
  std::string_view line{reinterpret_cast<const char*>(bytes.data()), length};
  if (extra_ != kNoIndex && extras[extra_].size > 0) {
    keep_start(bytes.first(length), extras);
    if (state_ == State::kBad) return {length, ReadResult::kBad};
    line = {extras[extra_].line.data(), std::exchange(extras[extra_].size, std::uint16_t{0})};
  }
  line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  on_line(line, extras);
  if (head_bytes_ > kHeadMax) fail(HttpFault::kTooLong);
  return {length, ReadResult::kMore};
}

std::size_t HttpResponseReader::keep_start(std::span<const std::uint8_t> bytes, Extras& extras) {
  if (!need_extra(extras)) return bytes.size();
  Extra& extra = extras[extra_];
  if (bytes.size() > extra.line.size() - extra.size) return fail(HttpFault::kTooLong), bytes.size();
  std::memcpy(extra.line.data() + extra.size, bytes.data(), bytes.size());
  extra.size = static_cast<std::uint16_t>(extra.size + bytes.size());
  return bytes.size();
}

bool HttpResponseReader::need_extra(Extras& extras) {
  if (extra_ == kNoIndex) extra_ = extras.allocate();
  if (extra_ == kNoIndex) fail(HttpFault::kNoMemory);
  return extra_ != kNoIndex;
}

void HttpResponseReader::on_line(std::string_view line, Extras& extras) {
  if (state_ == State::kStatusLine) return on_status_line(line);
  if (line.empty()) return on_head_end(extras);
  on_field(line);
}

// RFC 9112 §4: HTTP-version SP status-code SP [ reason-phrase ]; the last blank is often left out.
void HttpResponseReader::on_status_line(std::string_view line) {
  const bool is_one = line.size() >= 12 && line.starts_with("HTTP/1.") && is_digit(line[7]) && line[8] == ' ' &&
                      is_digit(line[9]) && is_digit(line[10]) && is_digit(line[11]) &&
                      (line.size() == 12 || line[12] == ' ');
  if (!is_one) return fail(HttpFault::kStatusLine);
  status_ = static_cast<std::uint16_t>((line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0'));
  if (status_ < 100) return fail(HttpFault::kStatusLine);
  keep_alive_ = line[7] != '0';
  state_ = State::kFields;
}

void HttpResponseReader::on_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 || line[0] == ' ' || line[0] == '\t')
    return fail(HttpFault::kField);
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trimmed(line.substr(colon + 1));
  switch (name.size()) {
    case 14:
      if (equals_ignoring_case(name, "content-length")) on_length(value);
      return;
    case 17:
      if (equals_ignoring_case(name, "transfer-encoding")) on_coding(value);
      return;
    case 10:
      if (!equals_ignoring_case(name, "connection")) return;
      if (equals_ignoring_case(value, "close")) keep_alive_ = false;
      if (equals_ignoring_case(value, "keep-alive")) keep_alive_ = true;
      return;
    default:
      return;
  }
}

void HttpResponseReader::on_length(std::string_view value) {
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
  if (error != std::errc{} || end != value.data() + value.size()) return fail(HttpFault::kField);
  if (has_length_ && left_ != length) return fail(HttpFault::kField);
  left_ = length;
  has_length_ = true;
}

// Only what we can undo: nothing but "chunked" was asked for.
void HttpResponseReader::on_coding(std::string_view value) {
  if (!equals_ignoring_case(value, "chunked")) return fail(HttpFault::kField);
  is_chunked_ = true;
}

// RFC 9112 §6.3.
void HttpResponseReader::on_head_end(Extras& extras) {
  if (status_ < 200) {
    state_ = State::kStatusLine;
    has_length_ = is_chunked_ = false;
    left_ = 0;
    return;
  }
  if (has_no_body(status_)) {
    state_ = State::kDone;
  } else if (is_chunked_) {
    if (has_length_) return fail(HttpFault::kField);
    if (need_extra(extras)) state_ = State::kChunks;
  } else if (has_length_) {
    state_ = left_ == 0 ? State::kDone : State::kBody;
  } else {
    until_end_ = true;
    state_ = State::kBodyUntilEnd;
  }
}

ReadProgress HttpResponseReader::read_body(std::span<const std::uint8_t> bytes, Extras& extras) {
  if (state_ == State::kBodyUntilEnd) return {bytes.size(), ReadResult::kMore};
  if (state_ == State::kChunks) {
    const ReadProgress progress = extras[extra_].chunks.feed(bytes);
    if (progress.result == ReadResult::kBad) fail(HttpFault::kChunk);
    if (progress.result == ReadResult::kDone) state_ = State::kDone;
    return progress;
  }
  const std::size_t taken = std::min<std::uint64_t>(left_, bytes.size());
  left_ -= taken;
  if (left_ == 0) state_ = State::kDone;
  return {taken, ReadResult::kMore};
}

ReadResult HttpResponseReader::on_end() {
  if (state_ == State::kBodyUntilEnd) state_ = State::kDone;
  if (state_ == State::kDone) return ReadResult::kDone;
  const bool has_begun = state_ != State::kStatusLine || extra_ != kNoIndex || status_ != 0;
  return has_begun ? ReadResult::kBad : ReadResult::kMore;
}

void HttpResponseReader::reset(Extras& extras) {
  if (extra_ != kNoIndex) extras.free(extra_);
  *this = HttpResponseReader{};
}

void HttpResponseReader::fail(HttpFault fault) {
  if (state_ == State::kBad) return;
  state_ = State::kBad;
  fault_ = fault;
}

}  // namespace weir::load
