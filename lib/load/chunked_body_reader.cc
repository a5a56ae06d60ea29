#include <weir/load/http_request.h>

#include <algorithm>

namespace weir::load {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

ReadProgress ChunkedBodyReader::feed(std::span<const std::uint8_t> bytes) {
  std::size_t at = 0;
  while (at < bytes.size() && state_ != State::kDone && state_ != State::kBad) {
    if (state_ == State::kData) {
      const auto taken = std::min<std::uint64_t>(left_, bytes.size() - at);
      at += taken;
      if ((left_ -= taken) == 0) state_ = State::kDataEnd;
    } else {
      on_byte(static_cast<char>(bytes[at++]));
    }
  }
  if (state_ == State::kDone) return {at, ReadResult::kDone};
  return {at, state_ == State::kBad ? ReadResult::kBad : ReadResult::kMore};
}

// CR is skipped: every line ends at its LF.
void ChunkedBodyReader::on_byte(char c) {
  if (++line_ > kLineMax) state_ = State::kBad;
  if (c == '\r' || state_ == State::kBad) return;
  switch (state_) {
    case State::kSize:
      return on_size(c);
    case State::kExtension:
      if (c == '\n') on_size_end();
      return;
    case State::kDataEnd:
      state_ = c == '\n' ? State::kSize : State::kBad;
      line_ = 0;
      return;
    case State::kTrailerLine:
      state_ = c == '\n' ? State::kDone : State::kTrailer;
      return;
    case State::kTrailer:
      if (c == '\n') state_ = State::kTrailerLine;
      return;
    default:
      return;
  }
}

void ChunkedBodyReader::on_size(char c) {
  if (c == '\n') return on_size_end();
  if (c == ';' || c == ' ' || c == '\t') {
    state_ = State::kExtension;
    return;
  }
  const int digit = hex_digit(c);
  if (digit < 0 || ++digits_ > 15) {
    state_ = State::kBad;
    return;
  }
  left_ = left_ << 4 | static_cast<unsigned>(digit);
}

void ChunkedBodyReader::on_size_end() {
  if (digits_ == 0) {
    state_ = State::kBad;
    return;
  }
  body_bytes_ += left_;
  digits_ = 0;
  line_ = 0;
  state_ = left_ == 0 ? State::kTrailerLine : State::kData;
}

}  // namespace weir::load
