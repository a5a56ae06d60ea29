// Any bytes as an IP packet: nothing is read past their end, and what is accepted lies within them.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>

#include <weir/base/check.h>
#include <weir/wire/describe.h>
#include <weir/wire/parse.h>

namespace {

void parse(std::span<const std::uint8_t> bytes) {
  weir::IpHeader ip;
  const auto total = static_cast<std::uint32_t>(bytes.size());
  if (weir::wire::parse_ip(bytes, total, true, ip) != weir::WireError::kNone) return;
  WEIR_CHECK(ip.header_length + ip.payload_length <= total);
  if (ip.protocol != static_cast<std::uint8_t>(weir::IpProtocol::kTcp) || ip.is_fragment) return;
  weir::Segment segment;
  if (weir::wire::parse_tcp(bytes.subspan(ip.header_length), ip, segment) != weir::WireError::kNone) return;
  WEIR_CHECK(segment.header_length + segment.payload_length == ip.payload_length);
  WEIR_CHECK(!weir::wire::describe(ip, segment).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A buffer of exactly this size, so that AddressSanitizer sees one byte too many.
  const auto exact = std::make_unique<std::uint8_t[]>(size);
  std::copy_n(data, size, exact.get());
  parse({exact.get(), size});
  return 0;
}
