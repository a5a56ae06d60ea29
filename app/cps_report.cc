// `weir cps report RESULT.json PAGE.html`: the page of a result that was kept.
#include <fmt/format.h>

#include <weir/load/report.h>

#include "commands.h"
#include "cps_files.h"

namespace weir::app {

int report_cps(const CpsOptions& options) {
  try {
    return write_file(options.report, load::report_page(read_result(options.report_of).dump())) ? kDone : kUnusable;
  } catch (const UnusableFile& error) {
    fmt::print(stderr, "{}\n", error.what());
    return kUnusable;
  }
}

}  // namespace weir::app
