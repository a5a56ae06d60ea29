#include <weir/load/serve_config.h>

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

}  // namespace weir::load
