#include <weir/load/generator_board.h>
#include <weir/load/serve_config.h>

#include <array>

namespace weir::load {

const char* to_string(ServerKind kind) {
  switch (kind) {
    case ServerKind::kHttp:
      return "http";
    case ServerKind::kEcho:
      return "echo";
    case ServerKind::kDiscard:
      return "discard";
    case ServerKind::kChargen:
      return "chargen";
  }
  return "?";
}

const char* to_string(GeneratorMode mode) {
  constexpr std::array kNames{"connections", "concurrent", "requests", "throughput", "flood"};
  return kNames[static_cast<std::size_t>(mode)];
}

const char* to_string(GeneratorProtocol protocol) {
  constexpr std::array kNames{"http", "raw", "none"};
  return kNames[static_cast<std::size_t>(protocol)];
}

const char* to_string(FirstToClose who) {
  constexpr std::array kNames{"server", "client", "reset"};
  return kNames[static_cast<std::size_t>(who)];
}

const char* to_string(Failure failure) {
  constexpr std::array kNames{"refused",    "reset",       "timeout", "closed_early", "bad_answer",
                              "bad_status", "unreachable", "no_port", "no_resources"};
  static_assert(kNames.size() == kFailures);
  return kNames[static_cast<std::size_t>(failure)];
}

}  // namespace weir::load
