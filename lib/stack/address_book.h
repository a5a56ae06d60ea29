// The addresses a host answers for, by 16-bit index: what compact state stores instead of 16 bytes.
#pragma once

#include <vector>

#include <weir/tcp/context.h>

namespace weir::stack {

// Neighbouring addresses far from each other. They differ in their last bytes, which are the highest bits of low(),
// and a product carries upwards only: so those are folded down first.
inline std::uint32_t spread(const IpAddress& address) {
  std::uint64_t bits = address.low() ^ address.high();
  bits ^= bits >> 32;
  return static_cast<std::uint32_t>(bits * 0x9e37'79b9'7f4a'7c15 >> 32);
}

class AddressBook {
 public:
  static constexpr std::uint16_t kNone = 0xffff;

  // Adding one that is there returns its index. At most 65535 addresses.
  std::uint16_t add(const IpAddress& address, std::uint16_t mtu);
  std::uint16_t find(const IpAddress& address) const {
    for (std::size_t slot = slot_of(address);; slot = (slot + 1) & (slots_.size() - 1)) {
      const std::uint16_t index = slots_[slot];
      if (index == kNone || entries_[index].address == address) return index;
    }
  }
  // The first address of the family, or kNone.
  std::uint16_t first_of(Family family) const;
  const std::vector<tcp::LocalAddress>& entries() const { return entries_; }

 private:
  std::size_t slot_of(const IpAddress& address) const { return spread(address) & (slots_.size() - 1); }
  void rebuild(std::size_t slots);

  std::vector<tcp::LocalAddress> entries_;
  // Open addressing, at most half full. The addresses are the operator's, so no key is needed.
  std::vector<std::uint16_t> slots_ = std::vector<std::uint16_t>(16, kNone);
};

}  // namespace weir::stack
