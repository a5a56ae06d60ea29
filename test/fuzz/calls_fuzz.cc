// The application's calls in any order, with a peer that answers, mostly.
#include "fuzzed_host.h"
#include "support/start_eal.h"

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  weir::testing::start_eal(64);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weir::testing::FuzzBytes bytes{{data, size}};
  weir::testing::FuzzedHost host{bytes};
  while (!bytes.is_empty()) {
    const std::uint8_t what = bytes.next() % 8;
    if (what == 0)
      host.let_time_pass();
    else if (what < 3)
      host.send_segment();
    else
      host.call();
  }
  return 0;
}
