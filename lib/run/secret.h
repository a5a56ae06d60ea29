// 128 bits as 32 hex digits.
#pragma once

#include <optional>
#include <string_view>

#include <weir/base/siphash.h>

namespace weir::run {

// Nothing for anything but 32 hex digits.
std::optional<SipKey> parse_secret(std::string_view text);

}  // namespace weir::run
