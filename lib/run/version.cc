#include <weir/run/version.h>

namespace weir::run {

const char* version() {
  return WEIR_VERSION;
}

}  // namespace weir::run
