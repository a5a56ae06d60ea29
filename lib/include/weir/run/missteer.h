// A test aid of the runtime: makes packets of chosen flows arrive at the wrong worker, as a NIC does that changes its
// mind about a flow. Off unless the configuration asks for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <weir/base/siphash.h>

struct rte_mbuf;

namespace weir::run {

class Missteer {
 public:
  // Every `every`-th flow by hash (0: none). The first SYN of a connection stays where it arrived, so that its owner
  // is one worker and its further packets come by another.
  Missteer(std::uint32_t every, SipKey key) : every_(every), key_(key) {}

  bool is_on() const { return every_ != 0; }
  bool chooses(const rte_mbuf* ip_packet) const;
  // Moves what is chosen to the end, order kept on both sides; returns how many stay.
  std::size_t split(std::span<rte_mbuf*> ip_packets) const;

 private:
  std::uint32_t every_;
  SipKey key_;
};

}  // namespace weir::run
