#pragma once

namespace weir::run {

const char* version();  // "0.1.0"

}  // namespace weir::run
