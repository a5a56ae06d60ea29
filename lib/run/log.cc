#include <weir/run/log.h>

#include <cstdio>

namespace weir::run {

void print_line(void*, LogLevel, std::string_view line) {
  std::fprintf(stderr, "weir: %.*s\n", static_cast<int>(line.size()), line.data());
}

}  // namespace weir::run
