// The page that `weir cps --report` writes.
#pragma once

#include <string>
#include <string_view>

namespace weir::load {

// One HTML page that draws the result of a run: `result` is the JSON of `weir cps --json` (docs/cps.md). The page holds
// all it needs and asks nobody for anything. Whatever the strings of the result contain, they are shown as text.
// The text of `result` is not read here: whether it is JSON is the caller's to know.
std::string report_page(std::string_view result);

}  // namespace weir::load
