#include <weir/base/check.h>

#include <cstdio>
#include <cstdlib>

namespace weir {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "weir: %s:%d: check failed: %s\n", file, line, condition);
  std::abort();
}

}  // namespace weir
