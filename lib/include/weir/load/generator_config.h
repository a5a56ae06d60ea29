// What `weir cps` is to do, as configured. Plain values: the configuration file is read elsewhere (run).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <weir/tcp/settings.h>
#include <weir/wire/address.h>

namespace weir::load {

enum class GeneratorMode : std::uint8_t {
  kConnections,  // opened and closed, each with one request, or none
  kConcurrent,   // opened and held, a request on each from time to time
  kRequests,     // on connections that are kept
  kThroughput,   // bytes, on connections that are kept
  kFlood,        // SYNs and nothing else, without any state
};
const char* to_string(GeneratorMode mode);  // "connections", ... as the configuration writes them

enum class GeneratorProtocol : std::uint8_t {
  kHttp,  // HTTP/1.1: the answer is read as RFC 9112 says
  kRaw,   // bytes out, a number of bytes, or all until the end, back
  kNone,  // handshake and close
};
const char* to_string(GeneratorProtocol protocol);

// Whose FIN comes first: that side keeps TIME-WAIT. Or nobody's: a RST, and no TIME-WAIT at all.
enum class FirstToClose : std::uint8_t { kServer, kClient, kReset };
const char* to_string(FirstToClose who);

enum class Transfer : std::uint8_t { kDownload, kUpload };

inline constexpr std::size_t kTargetsMax = 1024;
inline constexpr std::size_t kRequestBytesMax = 16384;

struct GeneratorConfig {
  GeneratorMode mode = GeneratorMode::kConnections;
  GeneratorProtocol protocol = GeneratorProtocol::kHttp;
  FirstToClose closes_first = FirstToClose::kServer;
  Transfer transfer = Transfer::kDownload;  // of kThroughput
  std::vector<Endpoint> targets;            // taken in turn
  std::vector<IpAddress> sources;           // the host's own, taken in turn; of every target's family one at least
  std::string request;                      // the bytes of one, whole
  std::uint64_t answer_bytes = 0;           // kRaw: of one answer; 0: all until the peer's end
  std::uint16_t status = 200;               // kHttp: what every answer must say
  double rate = 0;  // starts a second: of connections, or of requests on kept ones. 0: as fast as possible
  std::uint32_t open_max = 1000;             // connections open at once; in the modes that keep them, how many are kept
  std::chrono::milliseconds ramp_up{0};      // from none to `rate`, evenly
  std::chrono::milliseconds timeout{5000};   // a connection's life, or one request's; kThroughput: without a byte
  std::chrono::milliseconds interval{1000};  // kConcurrent: from one answer to the next request
  std::uint32_t asked_max = 4096;            // kConcurrent: requests under way at once on one core, after the first
  std::vector<Prefix> flood_sources;         // addresses that the SYNs of a flood pretend to come from
  double flood_rate = 0;                     // SYNs a second beside what `mode` says; kFlood has `rate` instead
  tcp::Settings tcp;

  bool keeps_connections() const {
    return mode == GeneratorMode::kConcurrent || mode == GeneratorMode::kRequests || mode == GeneratorMode::kThroughput;
  }
};

}  // namespace weir::load
