#include <weir/load/http_answer.h>

#include <algorithm>
#include <charconv>

#include <weir/base/check.h>

namespace weir::load {
namespace {

std::string_view reason(HttpStatus status) {
  switch (status) {
    case kContinue:
      return "Continue";
    case kOk:
      return "OK";
    case kBadRequest:
      return "Bad Request";
    case kNotFound:
      return "Not Found";
    case kContentTooLarge:
      return "Content Too Large";
    case kHeadersTooLarge:
      return "Request Header Fields Too Large";
    case kNotImplemented:
      return "Not Implemented";
    case kVersionNotSupported:
      return "HTTP Version Not Supported";
  }
  return "";
}

// HTTP/1.1 keeps connections unless told otherwise, HTTP/1.0 the other way round.
std::string_view connection_field(bool keep_alive, std::uint8_t minor_version) {
  if (!keep_alive) return "Connection: close\r\n";
  return minor_version == 0 ? "Connection: keep-alive\r\n" : "";
}

}  // namespace

HttpHead::HttpHead(HttpStatus status, std::uint64_t length, bool keep_alive, std::uint8_t minor_version) {
  if (status == kContinue) {
    add("HTTP/1.1 100 Continue\r\n\r\n");
    return;
  }
  add("HTTP/1.1 ");
  add_number(status);
  add(" ");
  add(reason(status));
  add("\r\nServer: weir\r\nContent-Type: text/plain\r\nContent-Length: ");
  add_number(length);
  add("\r\n");
  add(connection_field(keep_alive, minor_version));
  add("\r\n");
}

void HttpHead::add(std::string_view text) {
  WEIR_CHECK(text.size() <= kBytesMax - size_);
  std::ranges::copy(text, bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += text.size();
}

void HttpHead::add_number(std::uint64_t number) {
  std::array<char, 20> digits;
  const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  add({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

}  // namespace weir::load
