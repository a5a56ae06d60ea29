#include <weir/stack/routes.h>

#include <algorithm>
#include <array>

namespace weir::stack {

namespace {

// IPv4 lies in the last 32 of the 128 bits.
unsigned bits_of(const Prefix& prefix) {
  return prefix.length + (prefix.address.is_v4() ? 96U : 0U);
}

IpAddress mask_of(unsigned bits) {
  std::array<std::uint8_t, 16> bytes{};
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned here = std::min(bits > 8 * i ? bits - 8 * i : 0U, 8U);
    bytes[i] = static_cast<std::uint8_t>(0xff00U >> here);
  }
  return IpAddress::v6(bytes.data());
}

std::uint32_t host_mask_of(const Prefix& prefix) {
  return prefix.length == 0 ? 0xffff'ffffU : static_cast<std::uint32_t>((std::uint64_t{1} << (32 - prefix.length)) - 1);
}

}  // namespace

Routes::Entry Routes::make_entry(const Route& route) {
  const IpAddress mask = mask_of(bits_of(route.prefix));
  return {mask.high(), mask.low(), route.prefix.address.high() & mask.high(), route.prefix.address.low() & mask.low(),
          route};
}

bool Routes::add(const Route& route) {
  auto& table = tables_[static_cast<std::size_t>(route.prefix.address.family())];
  const Entry entry = make_entry(route);
  const auto same = std::find_if(table.begin(), table.end(), [&](const Entry& other) {
    return other.route.prefix.length == route.prefix.length && other.high == entry.high && other.low == entry.low &&
           other.route.interface == route.interface;
  });
  if (same != table.end()) return *same = entry, true;
  if (size() >= kRoutesMax) return false;
  const auto shorter = std::find_if(
      table.begin(), table.end(), [&](const Entry& other) { return other.route.prefix.length < route.prefix.length; });
  table.insert(shorter, entry);
  return true;
}

const Route* Routes::find(const IpAddress& destination) const {
  for (const Entry& entry : table_for(destination)) {
    if (entry.holds(destination)) return &entry.route;
  }
  return nullptr;
}

const Route* Routes::find_on_link(const IpAddress& address, std::optional<std::uint16_t> interface) const {
  for (const Entry& entry : table_for(address)) {
    if (!entry.route.via && (!interface || *interface == entry.route.interface) && entry.holds(address)) {
      return &entry.route;
    }
  }
  return nullptr;
}

bool Routes::is_subnet_broadcast(const IpAddress& address) const {
  if (!address.is_v4()) return false;
  const Route* route = find_on_link(address);
  if (route == nullptr || route->prefix.length > 30) return false;
  const std::uint32_t host = host_mask_of(route->prefix);
  return (address.as_v4().value() & host) == host;
}

}  // namespace weir::stack
