// What `weir serve` offers, as configured. Plain values: the configuration file is read elsewhere (run).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <weir/tcp/settings.h>
#include <weir/wire/address.h>

namespace weir::load {

using std::chrono::milliseconds;

inline constexpr std::uint32_t kHeaderBytesMin = 256;
inline constexpr std::uint32_t kHeaderBytesMax = 65536;
inline constexpr std::size_t kServersMax = 256;

enum class ServerKind : std::uint8_t {
  kHttp,     // HTTP/1.1: a fixed answer; GET /bytes/N answers with N bytes
  kEcho,     // RFC 862
  kDiscard,  // RFC 863
  kChargen,  // RFC 864
};
const char* to_string(ServerKind kind);  // "http", "echo", "discard", "chargen", as the configuration writes them

struct ServerConfig {
  std::string name;              // unique
  std::vector<Endpoint> listen;  // IPv4 and IPv6; one at least
  ServerKind kind = ServerKind::kHttp;
  std::uint64_t body_bytes = 1024;          // http: body of every answer but /bytes/N
  std::uint64_t largest_body = 1ull << 30;  // http: N of /bytes/N and a request's Content-Length at most
  std::uint32_t header_bytes = 8192;        // http: request line and header fields together; else 431
  std::uint32_t buffer_bytes = 524288;      // per direction of one connection
  milliseconds idle{60000};                 // nothing moved: the connection is reset
  std::uint32_t backlog = 1024;             // accept queue, per listen address and core
  std::optional<tcp::Settings> tcp{};       // instead of the process's; buffers and nagle are the server's own
};

struct ServeConfig {
  std::vector<ServerConfig> servers;
  std::uint32_t sessions = 65536;  // connections per core
  std::uint32_t requests = 0;      // HTTP requests under way on one core; 0: as many as sessions
};

}  // namespace weir::load
