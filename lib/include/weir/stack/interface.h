// One port as the network layer sees it: its addresses, its batch of frames on the way out, what it resolved last.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <weir/stack/ethernet.h>

namespace weir::stack {

struct InterfaceConfig {
  MacAddress mac;
  std::uint16_t mtu = 1500;
  std::vector<Prefix> prefixes;  // own address with the length of its network: a connected route each
};

// Takes ownership of every frame in the batch.
using Egress = void (*)(void* context, std::uint16_t interface, std::span<rte_mbuf*> frames);

// The neighbour a packet went to last; saves the table look-up for the next one to the same next hop.
struct ResolvedHop {
  IpAddress next_hop;
  MacAddress mac;
  std::uint64_t generation = 0;  // of the neighbour table
};

class EgressBatch {
 public:
  static constexpr std::uint32_t kBatch = 64;

  EgressBatch() = default;
  ~EgressBatch() { rte_pktmbuf_free_bulk(frames_.data(), count_); }
  EgressBatch(const EgressBatch&) = delete;
  EgressBatch& operator=(const EgressBatch&) = delete;

  void push(Packet frame) { frames_[count_++] = frame.release(); }
  bool is_full() const { return count_ == kBatch; }
  std::span<rte_mbuf*> take() { return {frames_.data(), std::exchange(count_, 0)}; }

 private:
  std::array<rte_mbuf*, kBatch> frames_{};
  std::uint32_t count_ = 0;
};

struct Interface {
  explicit Interface(const InterfaceConfig& settings) : config(settings), link_local(link_local_for(settings.mac)) {}

  InterfaceConfig config;
  IpAddress link_local;
  bool link_up = true;
  ResolvedHop last;
  EgressBatch egress;
};

}  // namespace weir::stack
