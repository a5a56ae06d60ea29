// Where packets go: per family, the longest prefix that holds the destination.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <weir/wire/address.h>

namespace weir::stack {

struct Route {
  Prefix prefix;
  std::uint16_t interface = 0;
  std::optional<IpAddress> via;  // none: the destination is on the link

  const IpAddress& next_hop(const IpAddress& destination) const { return via ? *via : destination; }
};

// A front end has a handful of routes: they are kept sorted by length and searched in order, which beats a trie up to
// some dozens. One thread; changes at start or by the control plane only.
class Routes {
 public:
  static constexpr std::size_t kRoutesMax = 1024;

  // False when there are kRoutesMax. A route for the same prefix is replaced.
  [[nodiscard]] bool add(const Route& route);
  // nullptr when there is none. Valid until the next add().
  const Route* find(const IpAddress& destination) const;
  // The same, among those without a gateway; on any interface or on one.
  const Route* find_on_link(const IpAddress& address, std::optional<std::uint16_t> interface = {}) const;
  // The all-ones address of a connected IPv4 network (RFC 1122 §3.2.1.3); /31 and /32 have none.
  bool is_subnet_broadcast(const IpAddress& address) const;
  std::size_t size() const { return tables_[0].size() + tables_[1].size(); }

 private:
  struct Entry {
    std::uint64_t mask_high, mask_low, high, low;
    Route route;
    bool holds(const IpAddress& address) const {
      return (address.high() & mask_high) == high && (address.low() & mask_low) == low;
    }
  };
  static Entry make_entry(const Route& route);
  const std::vector<Entry>& table_for(const IpAddress& address) const {
    return tables_[static_cast<std::size_t>(address.family())];
  }
  std::array<std::vector<Entry>, 2> tables_;  // by family, longest prefix first
};

}  // namespace weir::stack
