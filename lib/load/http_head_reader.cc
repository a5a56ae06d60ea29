#include <weir/load/http_request.h>

#include <charconv>
#include <cstring>

namespace weir::load {
namespace {

constexpr std::string_view kBytesTarget = "/bytes/";

bool is_token_char(char c) {  // RFC 9110 §5.6.2
  const auto in = [c](char low, char high) { return c >= low && c <= high; };
  return in('a', 'z') || in('A', 'Z') || in('0', '9') || (c != '\0' && std::strchr("!#$%&'*+-.^_`|~", c) != nullptr);
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool is_space(char c) {
  return c == ' ' || c == '\t';
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return {};
  return value;
}

}  // namespace

void HttpHeadReader::begin() {
  *this = HttpHeadReader{};
}

ReadProgress HttpHeadReader::feed(std::span<const std::uint8_t> bytes, std::uint32_t limit) {
  std::size_t at = 0;
  while (at < bytes.size() && state_ != State::kDone && state_ != State::kBad) {
    if (++size_ > limit) {
      fail(kHeadersTooLarge);
      break;
    }
    on_byte(static_cast<char>(bytes[at++]));
  }
  if (state_ == State::kDone) return {at, ReadResult::kDone};
  return {at, state_ == State::kBad ? ReadResult::kBad : ReadResult::kMore};
}

// Lines end with CR LF; a bare LF is taken as well (RFC 9112 §2.2), a bare CR is not.
void HttpHeadReader::on_byte(char c) {
  if (after_cr_ && c != '\n') return fail(kBadRequest);
  if (c == '\r') {
    after_cr_ = true;
    return;
  }
  after_cr_ = false;
  if (c == '\n') return on_line_end();
  switch (state_) {
    case State::kStart:
      return on_start(c);
    case State::kMethod:
      return on_method(c);
    case State::kTarget:
      return on_target(c);
    case State::kVersion:
      return push(c);
    case State::kLine:
      return on_line(c);
    case State::kName:
      return on_name(c);
    case State::kValue:
      return on_value(c);
    case State::kDone:
    case State::kBad:
      return;
  }
}

void HttpHeadReader::on_line_end() {
  switch (state_) {
    case State::kStart:
      return;  // an empty line before a request is skipped (§2.2)
    case State::kVersion:
      return finish_version();
    case State::kLine:
      return finish_head();
    case State::kValue:
      return finish_value();
    default:
      return fail(kBadRequest);
  }
}

void HttpHeadReader::on_start(char c) {
  start_token(State::kMethod);
  on_method(c);
}

void HttpHeadReader::on_method(char c) {
  if (c == ' ' && token_size_ != 0) return finish_method();
  if (!is_token_char(c)) return fail(kBadRequest);
  push(c);
}

void HttpHeadReader::on_target(char c) {
  if (c == ' ' && token_size_ != 0) return finish_target();
  if (c <= ' ' || c == 0x7f) return fail(kBadRequest);
  push(c);
}

void HttpHeadReader::on_line(char c) {
  start_token(State::kName);
  on_name(c);  // a folded line begins with a space, which is no token character: refused (§5.2)
}

void HttpHeadReader::on_name(char c) {
  if (c == ':' && token_size_ != 0) return finish_name();
  if (!is_token_char(c)) return fail(kBadRequest);
  push(lower(c));
}

void HttpHeadReader::on_value(char c) {
  if (field_ == Field::kOther || field_ == Field::kHost) return;
  if (token_size_ == 0 && is_space(c)) return;
  if (c == ',' && field_ == Field::kConnection) {
    on_connection_option();
    return start_token(State::kValue);
  }
  push(lower(c));
}

void HttpHeadReader::push(char c) {
  if (token_size_ == token_.size()) {
    token_overflow_ = true;
  } else {
    token_[token_size_++] = c;
  }
}

void HttpHeadReader::start_token(State state) {
  state_ = state;
  token_size_ = 0;
  token_overflow_ = false;
}

void HttpHeadReader::fail(HttpStatus status) {
  state_ = State::kBad;
  status_ = status;
}

void HttpHeadReader::finish_method() {
  if (token() == "GET") request_.method = HttpMethod::kGet;
  if (token() == "HEAD") request_.method = HttpMethod::kHead;
  if (token() == "POST") request_.method = HttpMethod::kPost;
  start_token(State::kTarget);
}

void HttpHeadReader::finish_target() {
  if (!token_overflow_ && token().starts_with(kBytesTarget)) {
    request_.bytes = number(token().substr(kBytesTarget.size()));
  }
  start_token(State::kVersion);
}

void HttpHeadReader::finish_version() {
  const std::string_view version = token();
  if (token_overflow_ || version.size() != 8 || !version.starts_with("HTTP/")) return fail(kBadRequest);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return fail(kVersionNotSupported);
  request_.minor_version = static_cast<std::uint8_t>(version.back() - '0');
  request_.keep_alive = request_.minor_version == 1;
  start_token(State::kLine);
}

void HttpHeadReader::finish_name() {
  field_ = Field::kOther;
  if (token() == "connection") field_ = Field::kConnection;
  if (token() == "content-length") field_ = Field::kContentLength;
  if (token() == "expect") field_ = Field::kExpect;
  if (token() == "host") field_ = Field::kHost;
  if (token() == "transfer-encoding") field_ = Field::kTransferEncoding;
  start_token(State::kValue);
}

void HttpHeadReader::finish_value() {
  while (token_size_ != 0 && is_space(token_[token_size_ - 1u])) --token_size_;
  if (field_ == Field::kHost) hosts_ = static_cast<std::uint8_t>(hosts_ == 2 ? 2 : hosts_ + 1);
  if (field_ == Field::kConnection) on_connection_option();
  if (field_ == Field::kExpect && token() == "100-continue") request_.expects_continue = true;
  if (field_ == Field::kTransferEncoding) {
    if (token() != "chunked" || request_.chunked) return fail(kNotImplemented);
    request_.chunked = true;
  }
  state_ = State::kLine;
  if (field_ == Field::kContentLength) on_content_length();
}

void HttpHeadReader::on_content_length() {
  const auto length = token_overflow_ ? std::nullopt : number(token());
  if (!length || (has_length_ && *length != request_.content_length)) return fail(kBadRequest);
  has_length_ = true;
  request_.content_length = *length;
}

void HttpHeadReader::on_connection_option() {
  while (token_size_ != 0 && is_space(token_[token_size_ - 1u])) --token_size_;
  if (token() == "close") request_.keep_alive = false;
  if (token() == "keep-alive" && request_.minor_version == 0) request_.keep_alive = true;
}

// A request that two readers could take differently is refused: §3.2 (Host), §6.3 (both kinds of length).
void HttpHeadReader::finish_head() {
  if (request_.minor_version == 1 && hosts_ != 1) return fail(kBadRequest);
  if (request_.chunked && (has_length_ || request_.minor_version == 0)) return fail(kBadRequest);
  if (request_.method == HttpMethod::kOther) return fail(kNotImplemented);
  state_ = State::kDone;
}

}  // namespace weir::load
