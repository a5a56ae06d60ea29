// What the lwIP peer says over its connections, as client and as server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace weir::lwip {

// How a client's conversation went.
struct Outcome {
  std::string error;  // empty: none
  std::size_t sent = 0, received = 0;
  bool as_expected = false;  // what came is what was to come
};

// Sends so many bytes of a pattern and reads them back at the same time; closes its direction after the last of them
// and goes on reading to the end of the stream.
Outcome echo(const std::string& address, std::uint16_t port, std::size_t bytes);
// Sends a request and reads to the end of the stream: the server closes first. Expected are so many bytes.
Outcome fetch(const std::string& address, std::uint16_t port, const std::string& request, std::size_t bytes);

// Sends back what comes until the peer closes, and closes then. Never returns.
[[noreturn]] void serve_echo(std::uint16_t port);
// Sends so many bytes of the pattern, closes first, and reads what comes meanwhile and after. Never returns.
[[noreturn]] void serve_source(std::uint16_t port, std::size_t bytes);
// Reads the head of one request, answers it with so many bytes, and closes first. Never returns.
[[noreturn]] void serve_http(std::uint16_t port, std::size_t bytes);

}  // namespace weir::lwip
