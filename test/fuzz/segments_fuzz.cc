// A connection in any state, then segments that its peer would not all send.
#include "fuzzed_host.h"
#include "support/start_eal.h"

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  weir::testing::start_eal(64);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weir::testing::FuzzBytes bytes{{data, size}};
  weir::testing::FuzzedHost host{bytes};
  host.reach_state();
  while (!bytes.is_empty()) {
    if (bytes.next() % 8 == 0)
      host.let_time_pass();
    else
      host.send_segment();
  }
  return 0;
}
