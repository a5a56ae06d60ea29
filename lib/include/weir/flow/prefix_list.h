// Who may come in: allow and deny lists of networks, the longest prefix decides. Made whole, never changed, so that any
// thread may ask one that others ask too (docs/decisions/0007-lists-as-ranges.md).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <weir/wire/address.h>

namespace weir {

struct ListedPrefix {
  Prefix prefix;  // no bits set beyond its length
  bool is_allowed = false;
  auto operator<=>(const ListedPrefix&) const = default;
};

class PrefixList {
 public:
  // No prefix may be there twice. Address in neither list: let in, unless something is allowed by name.
  explicit PrefixList(std::vector<ListedPrefix> prefixes);

  bool lets_in(const IpAddress& address) const;
  std::size_t size() const { return prefixes_.size(); }
  bool operator==(const PrefixList& other) const { return prefixes_ == other.prefixes_; }

 private:
  struct Key {
    std::uint64_t high = 0, low = 0;
    auto operator<=>(const Key&) const = default;
  };
  // From `start` to the next one's.
  struct Range {
    Key start;
    bool is_let_in = false;
  };
  using Ranges = std::vector<Range>;  // of a family; the first begins at its first address

  static Key key_of(const IpAddress& address);
  static Key end_of(const Prefix& prefix);
  static void begin_range(Ranges& ranges, const Key& at, bool is_let_in);
  Ranges ranges_of(Family family, bool otherwise) const;

  std::vector<ListedPrefix> prefixes_;  // sorted: what encloses others stands before them
  Ranges v4_, v6_;
};

}  // namespace weir
