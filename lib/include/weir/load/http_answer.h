// What an HTTP answer looks like.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include <weir/load/http_request.h>

namespace weir::load {

// Status line and header fields, ready to send. Made again whenever the rest of one is needed: nothing is kept.
class HttpHead {
 public:
  static constexpr std::size_t kBytesMax = 192;

  // `length`: of the body. Status 100 has neither body nor fields.
  HttpHead(HttpStatus status, std::uint64_t length, bool keep_alive, std::uint8_t minor_version);
  std::span<const std::uint8_t> bytes() const { return {bytes_.data(), size_}; }

 private:
  void add(std::string_view text);
  void add_number(std::uint64_t number);

  std::array<std::uint8_t, kBytesMax> bytes_;
  std::size_t size_ = 0;
};

}  // namespace weir::load
