#include <weir/load/http_answer.h>

#include <algorithm>
#include <cstdio>

namespace weir::load {
namespace {

const char* reason(HttpStatus status) {
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
const char* connection_field(bool keep_alive, std::uint8_t minor_version) {
  if (!keep_alive) return "Connection: close\r\n";
  return minor_version == 0 ? "Connection: keep-alive\r\n" : "";
}

}  // namespace

HttpHead::HttpHead(HttpStatus status, std::uint64_t length, bool keep_alive, std::uint8_t minor_version) {
  auto* const out = reinterpret_cast<char*>(bytes_.data());
  int written = std::snprintf(out, kBytesMax, "HTTP/1.1 100 Continue\r\n\r\n");
  if (status != kContinue) {
    written = std::snprintf(
        out, kBytesMax, "HTTP/1.1 %u %s\r\nServer: weir\r\nContent-Type: text/plain\r\nContent-Length: %llu\r\n%s\r\n",
        status, reason(status), static_cast<unsigned long long>(length), connection_field(keep_alive, minor_version));
  }
  size_ = std::min(static_cast<std::size_t>(written), kBytesMax - 1);
}

}  // namespace weir::load
