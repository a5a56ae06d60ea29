// Packets that another core's host must see, until the runtime takes them to the rings.
#pragma once

#include <span>
#include <vector>

#include <weir/stack/host.h>

namespace weir::stack {

class HandOver {
 public:
  static constexpr std::size_t kWaitingMax = 512;  // per worker

  void set_peers(std::span<Host* const> hosts, std::uint16_t own_index) {
    peers_.assign(hosts.begin(), hosts.end());
    waiting_.resize(hosts.size());
    for (auto& queue : waiting_) queue.reserve(kWaitingMax);
    own_index_ = own_index;
  }
  std::span<Host* const> peers() const { return peers_; }
  std::uint16_t own_index() const { return own_index_; }

  // False when the queue is full: the packet is given back.
  [[nodiscard]] bool push(std::uint16_t worker, Packet& packet) {
    if (waiting_[worker].size() == kWaitingMax) return false;
    waiting_[worker].push_back(packet.release());
    return true;
  }

  std::size_t take(std::uint16_t worker, std::span<rte_mbuf*> out) {
    if (worker >= waiting_.size()) return 0;
    auto& queue = waiting_[worker];
    const std::size_t count = std::min(queue.size(), out.size());
    std::copy_n(queue.begin(), count, out.begin());
    queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(count));
    return count;
  }

  ~HandOver() {
    for (auto& queue : waiting_) rte_pktmbuf_free_bulk(queue.data(), static_cast<unsigned>(queue.size()));
  }

 private:
  std::vector<Host*> peers_;
  std::vector<std::vector<rte_mbuf*>> waiting_;
  std::uint16_t own_index_ = 0;
};

}  // namespace weir::stack
