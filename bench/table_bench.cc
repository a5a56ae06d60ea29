// Finding connections: ConnectionTable beside rte_hash, in bursts of 32 with prefetch, keys in random order, and the
// table as full as it promises. Hashes are computed beforehand for both (a NIC, or flow_hash()). Both do the same
// job: from 32 keys to 32 indices whose keys were compared, and each state's first line read.
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <vector>

#include <benchmark/benchmark.h>
#include <rte_hash.h>

#include <weir/base/random.h>
#include <weir/flow/connection_table.h>

namespace weir {
namespace {

constexpr unsigned kBurst = 32;
constexpr std::uint32_t kQueries = 1U << 18;  // walked round and round; a multiple of kBurst

using Key = std::array<std::uint64_t, 2>;  // an IPv4 4-tuple with room to spare

struct alignas(64) State {  // a connection's hot state
  Key key;
  std::array<std::uint64_t, 14> rest;
};

Key key_of(std::uint32_t number) {
  return {number, 0x0050'0a00'0001};
}
std::uint64_t hash_of(const Key& key) {
  return siphash13(SipKey{1, 2}, key[0], key[1]);
}

struct Query {
  Key key;
  std::uint64_t hash;
};

// Of keys that are there (below `entries`) or are not.
std::vector<Query> queries(std::uint32_t entries, bool hit) {
  Random random{7};
  std::vector<Query> result(kQueries);
  for (Query& query : result) {
    query.key = key_of(random.below(entries) + (hit ? 0 : entries));
    query.hash = hash_of(query.key);
  }
  return result;
}

struct Weir {
  explicit Weir(std::uint32_t entries) : table(entries), states("states", entries * sizeof(State)) {
    for (std::uint32_t i = 0; i < entries; ++i) {
      state(i).key = key_of(i);
      if (!table.insert(hash_of(key_of(i)), i)) throw std::runtime_error("the table is full");
    }
  }
  State& state(std::uint32_t index) const { return static_cast<State*>(states.data())[index]; }

  std::uint64_t look_up(const Query* queries) const {
    for (unsigned i = 0; i < kBurst; ++i) table.prefetch(queries[i].hash);
    for (unsigned i = 0; i < kBurst; ++i) {
      const std::uint32_t guess = table.guess(queries[i].hash);
      if (guess != kNoIndex) __builtin_prefetch(&state(guess));
    }
    std::uint64_t sum = 0;
    for (unsigned i = 0; i < kBurst; ++i) {
      const Key& key = queries[i].key;
      const auto index = table.find(queries[i].hash, [&](std::uint32_t at) { return state(at).key == key; });
      if (index != kNoIndex) sum += state(index).rest[0] + 1;
    }
    return sum;
  }

  ConnectionTable table;
  Region states;
};

struct RteHash {
  explicit RteHash(std::uint32_t entries) : table(create(entries)), states("states", entries * sizeof(State)) {
    for (std::uint32_t i = 0; i < entries; ++i) {
      const Key key = key_of(i);
      const auto at = rte_hash_add_key_with_hash(table.get(), &key, signature(hash_of(key)));
      if (at < 0) throw std::runtime_error("rte_hash is full");
      static_cast<State*>(states.data())[at].key = key;
    }
  }
  static rte_hash* create(std::uint32_t entries) {
    rte_hash_parameters parameters{};
    parameters.name = "bench";
    parameters.entries = std::max(entries, 1024U);
    parameters.key_len = sizeof(Key);
    rte_hash* table = rte_hash_create(&parameters);
    if (table == nullptr) throw std::runtime_error("no memory for rte_hash");
    return table;
  }
  static hash_sig_t signature(std::uint64_t hash) { return static_cast<hash_sig_t>(hash); }

  std::uint64_t look_up(const Query* queries) const {
    std::array<const void*, kBurst> keys;
    std::array<hash_sig_t, kBurst> signatures;
    std::array<std::int32_t, kBurst> found;
    for (unsigned i = 0; i < kBurst; ++i) {
      keys[i] = &queries[i].key;
      signatures[i] = signature(queries[i].hash);
    }
    rte_hash_lookup_with_hash_bulk(table.get(), keys.data(), signatures.data(), kBurst, found.data());
    const auto* state = static_cast<const State*>(states.data());
    for (std::int32_t at : found) {
      if (at >= 0) __builtin_prefetch(&state[at]);
    }
    std::uint64_t sum = 0;
    for (std::int32_t at : found) {
      if (at >= 0) sum += state[at].rest[0] + 1;
    }
    return sum;
  }

  struct Free {
    void operator()(rte_hash* table) const { rte_hash_free(table); }
  };
  std::unique_ptr<rte_hash, Free> table;
  Region states;
};

// Filling ten million takes longer than asking, so a table is kept while the next benchmark wants the same. It is not
// destroyed at exit: EAL is gone by then.
template <typename Table>
const Table& filled(std::uint32_t entries) {
  static auto& kept = *new std::unique_ptr<Table>;
  static std::uint32_t kept_entries = 0;
  if (kept_entries != entries) {
    kept.reset();
    kept = std::make_unique<Table>(entries);
    kept_entries = entries;
  }
  return *kept;
}

template <typename Table>
void look_up(benchmark::State& state) {
  const auto entries = static_cast<std::uint32_t>(state.range(0));
  const bool hit = state.range(1) != 0;
  const Table& table = filled<Table>(entries);
  const std::vector<Query> asked = queries(entries, hit);
  std::uint32_t at = 0;
  std::uint64_t found = 0;
  for (auto _ : state) {
    found += table.look_up(&asked[at]);
    at = (at + kBurst) % kQueries;
  }
  const auto looked_up = static_cast<std::uint64_t>(state.iterations()) * kBurst;
  if (found != (hit ? looked_up : 0)) state.SkipWithError("wrong answers");
  state.counters["each"] =
      benchmark::Counter(static_cast<double>(looked_up), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"entries", "hit"})->ArgsProduct({{1000, 1'000'000, 10'000'000}, {1, 0}});
}
BENCHMARK(look_up<Weir>)->Apply(sizes);
BENCHMARK(look_up<RteHash>)->Apply(sizes);

// One connection comes and another goes, in a full table.
void insert_and_erase(benchmark::State& state) {
  const auto entries = static_cast<std::uint32_t>(state.range(0));
  Weir weir{entries};
  Random random{9};
  std::vector<std::uint64_t> hashes(entries);
  for (std::uint32_t i = 0; i < entries; ++i) hashes[i] = hash_of(key_of(i));
  for (auto _ : state) {
    const std::uint32_t index = random.below(entries);
    weir.table.erase(hashes[index], index);
    hashes[index] = random.next();
    if (!weir.table.insert(hashes[index], index)) {
      state.SkipWithError("full");
      break;
    }
  }
}
BENCHMARK(insert_and_erase)->Arg(1000)->Arg(1'000'000);

}  // namespace
}  // namespace weir
