#include <array>

#include <weir/wire/segment.h>

namespace weir {

const char* to_string(WireError error) {
  static constexpr std::array kNames = {
      "none",         "truncated",         "ip-version",     "ip-header-length", "ip-total-length",
      "ip-checksum",  "ip-source",         "ip-destination", "ip-extension",     "tcp-data-offset",
      "tcp-checksum", "tcp-option-length", "tcp-port-zero",  "icmp-checksum",    "icmp-truncated",
  };
  static_assert(kNames.size() == static_cast<std::size_t>(WireError::kCount));
  return error < WireError::kCount ? kNames[static_cast<std::size_t>(error)] : "unknown";
}

}  // namespace weir
