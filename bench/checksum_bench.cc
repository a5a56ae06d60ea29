// Internet checksum: one segment and a chain, beside DPDK's rte_raw_cksum().
#include <array>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>
#include <rte_ip.h>

#include <weir/wire/build.h>

namespace weir {
namespace {

// Bytes in mbufs of our own making: no EAL, no pool.
class Bytes {
 public:
  Bytes(std::size_t length, std::size_t segments) : bytes_(length + segments, 0xa5), mbufs_(segments) {
    const std::size_t each = length / segments;
    for (std::size_t i = 0; i < segments; ++i) {
      const std::size_t here = i + 1 == segments ? length - each * i : each;
      mbufs_[i].buf_addr = bytes_.data() + each * i;
      mbufs_[i].data_len = static_cast<std::uint16_t>(here);
      mbufs_[i].next = i + 1 == segments ? nullptr : &mbufs_[i + 1];
    }
    mbufs_[0].pkt_len = static_cast<std::uint32_t>(length);
    mbufs_[0].nb_segs = static_cast<std::uint16_t>(segments);
    packet_ = Packet{&mbufs_[0]};
  }
  ~Bytes() { static_cast<void>(packet_.release()); }
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;

  const Packet& packet() const { return packet_; }

 private:
  std::vector<std::uint8_t> bytes_;
  std::vector<rte_mbuf> mbufs_;
  Packet packet_;
};

void count_bytes(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}

void weir_segments(benchmark::State& state, std::size_t segments) {
  const auto length = static_cast<std::uint32_t>(state.range(0));
  const Bytes bytes{length, segments};
  for (auto _ : state) benchmark::DoNotOptimize(wire::internet_checksum(bytes.packet(), 0, length));
  count_bytes(state);
}

void dpdk_one_segment(benchmark::State& state) {
  const std::vector<std::uint8_t> bytes(static_cast<std::size_t>(state.range(0)), 0xa5);
  for (auto _ : state) {
    benchmark::DoNotOptimize(bytes.data());
    benchmark::ClobberMemory();
    benchmark::DoNotOptimize(rte_raw_cksum(bytes.data(), bytes.size()));
  }
  count_bytes(state);
}

void sizes(benchmark::internal::Benchmark* bench) {
  for (const int length : {20, 52, 576, 1460}) bench->Arg(length);
}

BENCHMARK_CAPTURE(weir_segments, one, 1)->Apply(sizes);
BENCHMARK_CAPTURE(weir_segments, three, 3)->Apply(sizes);
BENCHMARK(dpdk_one_segment)->Apply(sizes);

}  // namespace
}  // namespace weir

BENCHMARK_MAIN();
