#include <weir/run/rings.h>

#include <array>

#include <rte_mbuf.h>
#include <boost/lockfree/spsc_queue.hpp>

#include <weir/base/check.h>

namespace weir::run {

namespace {

template <std::size_t kCapacity>
using Ring = boost::lockfree::spsc_queue<rte_mbuf*, boost::lockfree::capacity<kCapacity>>;

}  // namespace

struct Rings::Pair {
  Ring<kPacketsMax> packets;
  Ring<kNeighbourFramesMax> neighbour_frames;

  ~Pair() {
    packets.consume_all(rte_pktmbuf_free);
    neighbour_frames.consume_all(rte_pktmbuf_free);
  }
};

Rings::Rings(std::uint16_t workers)
    : workers_(workers), pairs_(std::make_unique<Pair[]>(std::size_t{workers} * workers)) {}

Rings::~Rings() = default;

Rings::Pair& Rings::pair(std::uint16_t from, std::uint16_t to) {
  WEIR_DCHECK(from < workers_ && to < workers_ && from != to);
  return pairs_[std::size_t{from} * workers_ + to];
}

std::size_t Rings::put(std::uint16_t from, std::uint16_t to, std::span<rte_mbuf*> packets) {
  return pair(from, to).packets.push(packets.data(), packets.size());
}

std::size_t Rings::take(std::uint16_t from, std::uint16_t to, std::span<rte_mbuf*> packets) {
  return pair(from, to).packets.pop(packets.data(), packets.size());
}

std::size_t Rings::put_neighbour_frames(std::uint16_t from, std::uint16_t to, std::span<rte_mbuf*> frames) {
  return pair(from, to).neighbour_frames.push(frames.data(), frames.size());
}

std::size_t Rings::take_neighbour_frames(std::uint16_t from, std::uint16_t to, std::span<rte_mbuf*> frames) {
  return pair(from, to).neighbour_frames.pop(frames.data(), frames.size());
}

}  // namespace weir::run
