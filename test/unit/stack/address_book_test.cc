// Addresses of a host by index.
#include <set>

#include <gtest/gtest.h>

#include "address_book.h"

namespace weir::stack {
namespace {

// `count` addresses that differ in two bytes, those at `place` of 16; `first` is one of them.
std::vector<IpAddress> neighbours(const char* first, std::size_t place, unsigned count) {
  auto bytes = IpAddress::parse(first).value().bytes();
  std::vector<IpAddress> all;
  for (unsigned i = 0; i < count; ++i) {
    bytes[place] = static_cast<std::uint8_t>(i >> 8);
    bytes[place + 1] = static_cast<std::uint8_t>(i);
    all.push_back(IpAddress::v6(bytes.data()));
  }
  return all;
}

TEST(AddressBook, FindsThoseAddedAndNoOthers) {
  AddressBook book;
  const auto all = neighbours("198.18.0.0", 14, 1000);
  for (const IpAddress& address : all) book.add(address, 1500);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(book.find(all[i]), i);
  EXPECT_EQ(book.find(IpAddress::parse("198.18.4.0").value()), AddressBook::kNone);
  EXPECT_EQ(book.add(all[7], 1500), 7U);
}

// Else a look-up walks past every address of a source pool, for each packet.
TEST(AddressBook, NeighboursDoNotShareSlots) {
  const std::pair<const char*, std::size_t> pools[] = {{"198.18.0.0", 14}, {"2001:db8::", 14}, {"2001:db8::1", 4}};
  for (const auto& [first, place] : pools) {
    std::set<std::uint32_t> slots;
    for (const IpAddress& address : neighbours(first, place, 1024)) slots.insert(spread(address) % 2048);
    EXPECT_GT(slots.size(), 700U) << first << ": a random function would fill some 806";
  }
}

}  // namespace
}  // namespace weir::stack
