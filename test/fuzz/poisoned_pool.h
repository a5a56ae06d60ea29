// A kind of rte_mempool whose free objects are poisoned, so that AddressSanitizer sees a packet used after it was
// freed: the memory of a pool is one piece to it otherwise. The oldest free one is taken first. One thread.
#pragma once

#include <rte_mempool.h>

namespace weir::fuzz {

// Before the first pool of packets is made; EAL runs.
void use_poisoned_pools();
// Once a pool is made (making it writes to all of its objects).
void poison_free_packets(rte_mempool* pool);

}  // namespace weir::fuzz
