// EAL for unit tests (started once per program, without huge pages or devices) and pools that insist on getting
// every packet back. Add the dependency `eal_support` to a test program, include
// "support/eal.h".
#pragma once

#include <cstdint>
#include <string>

#include <weir/wire/packet.h>

namespace weir::test {

// Fails the running test, saying how many are missing, unless every packet is back.
void expect_all_back(const PacketPool& pool, const std::string& owner);

// A pool for one test: its destructor checks that every packet came back. Declare it before what holds packets.
class TestPool {
 public:
  explicit TestPool(std::uint32_t packets = 1023);
  ~TestPool() { expect_all_back(pool_, "test pool"); }

  PacketPool& operator*() { return pool_; }
  PacketPool* operator->() { return &pool_; }

 private:
  PacketPool pool_;
};

}  // namespace weir::test
