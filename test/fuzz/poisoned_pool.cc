#include "poisoned_pool.h"

#include <cstdio>
#include <deque>
#include <memory>
#include <vector>

#include <rte_mbuf_pool_ops.h>
#include <sanitizer/asan_interface.h>

namespace weir::fuzz {
namespace {

constexpr const char* kName = "weir-poisoned";

struct Free {
  std::deque<void*> objects;
  bool is_poisoning = false;
};

Free& free_of(const rte_mempool* pool) {
  return *static_cast<Free*>(pool->pool_data);
}

// LeakSanitizer does not look into EAL's memory: it shall see them here.
std::vector<std::unique_ptr<Free>>& all() {
  static auto* const known = new std::vector<std::unique_ptr<Free>>;
  return *known;
}

int allocate(rte_mempool* pool) {
  pool->pool_data = all().emplace_back(std::make_unique<Free>()).get();
  return 0;
}

void release(rte_mempool* pool) {
  for (void* object : free_of(pool).objects) ASAN_UNPOISON_MEMORY_REGION(object, pool->elt_size);
  free_of(pool).objects.clear();
}

int enqueue(rte_mempool* pool, void* const* objects, unsigned count) {
  Free& free = free_of(pool);
  free.objects.insert(free.objects.end(), objects, objects + count);
  if (!free.is_poisoning) return 0;
  for (unsigned i = 0; i < count; ++i) ASAN_POISON_MEMORY_REGION(objects[i], pool->elt_size);
  return 0;
}

int dequeue(rte_mempool* pool, void** objects, unsigned count) {
  Free& free = free_of(pool);
  if (free.objects.size() < count) return -ENOBUFS;
  for (unsigned i = 0; i < count; ++i) {
    objects[i] = free.objects.front();
    free.objects.pop_front();
    ASAN_UNPOISON_MEMORY_REGION(objects[i], pool->elt_size);
  }
  return 0;
}

unsigned count_of(const rte_mempool* pool) {
  return static_cast<unsigned>(free_of(pool).objects.size());
}

}  // namespace

void use_poisoned_pools() {
  rte_mempool_ops ops{};
  std::snprintf(ops.name, sizeof ops.name, "%s", kName);
  ops.alloc = allocate;
  ops.free = release;
  ops.enqueue = enqueue;
  ops.dequeue = dequeue;
  ops.get_count = count_of;
  if (rte_mempool_register_ops(&ops) < 0 || rte_mbuf_set_user_mempool_ops(kName) != 0)
    rte_panic("%s: not accepted as a kind of pool\n", kName);
}

void poison_free_packets(rte_mempool* pool) {
  free_of(pool).is_poisoning = true;
  for (void* object : free_of(pool).objects) ASAN_POISON_MEMORY_REGION(object, pool->elt_size);
}

}  // namespace weir::fuzz
