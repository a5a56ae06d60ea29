// Ways between workers: one ring for each ordered pair, for packets that arrived at the wrong one, and a small one for
// copies of ARP and NDP frames. Lock-free, bounded, a burst at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

struct rte_mbuf;

namespace weir::run {

// `from` and `to` are worker indices; only worker `from` puts, only worker `to` takes. Ownership goes with the packets.
class Rings {
 public:
  static constexpr std::size_t kPacketsMax = 4096;  // waiting, of one pair
  static constexpr std::size_t kNeighbourFramesMax = 256;

  explicit Rings(std::uint16_t workers);
  ~Rings();  // frees what was not taken
  Rings(const Rings&) = delete;
  Rings& operator=(const Rings&) = delete;

  // Returns how many were put; the rest stays the caller's.
  std::size_t put(std::uint16_t from, std::uint16_t to, std::span<rte_mbuf*> packets);
  std::size_t take(std::uint16_t from, std::uint16_t to, std::span<rte_mbuf*> packets);
  std::size_t put_neighbour_frames(std::uint16_t from, std::uint16_t to, std::span<rte_mbuf*> frames);
  std::size_t take_neighbour_frames(std::uint16_t from, std::uint16_t to, std::span<rte_mbuf*> frames);

  std::uint16_t workers() const { return workers_; }

 private:
  struct Pair;
  Pair& pair(std::uint16_t from, std::uint16_t to);

  std::uint16_t workers_;
  std::unique_ptr<Pair[]> pairs_;
};

}  // namespace weir::run
