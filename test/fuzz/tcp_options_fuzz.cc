// Any bytes as TCP options: bounded, within the buffer, never more SACK blocks than there is room for.
#include <algorithm>
#include <cstdint>
#include <memory>

#include <weir/base/check.h>
#include <weir/wire/parse.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto exact = std::make_unique<std::uint8_t[]>(size);
  std::copy_n(data, size, exact.get());
  weir::TcpOptions options;
  if (weir::wire::parse_tcp_options({exact.get(), size}, options) == weir::WireError::kNone) {
    WEIR_CHECK(options.sack_count <= weir::TcpOptions::kSackBlocksMax);
  }
  return 0;
}
