#include "address_book.h"

namespace weir::stack {

std::uint16_t AddressBook::add(const IpAddress& address, std::uint16_t mtu) {
  const std::uint16_t known = find(address);
  if (known != kNone) return known;
  WEIR_CHECK(entries_.size() < kNone);
  entries_.push_back({address, mtu});
  rebuild(entries_.size() * 2 > slots_.size() ? slots_.size() * 2 : slots_.size());
  return static_cast<std::uint16_t>(entries_.size() - 1);
}

std::uint16_t AddressBook::first_of(Family family) const {
  for (std::size_t i = 0; i < entries_.size(); ++i)
    if (entries_[i].address.family() == family) return static_cast<std::uint16_t>(i);
  return kNone;
}

void AddressBook::rebuild(std::size_t slots) {
  slots_.assign(slots, kNone);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    std::size_t slot = slot_of(entries_[i].address);
    while (slots_[slot] != kNone) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = static_cast<std::uint16_t>(i);
  }
}

}  // namespace weir::stack
