#include <weir/wire/packet.h>

#include <algorithm>
#include <cstring>
#include <string>

#include <rte_errno.h>

#include <weir/base/region.h>

namespace weir {

namespace {

constexpr std::uint16_t kRoomWithHeadroom = PacketPool::kDataRoom + RTE_PKTMBUF_HEADROOM;

// rte_mempool asks for room to flush a cache half as full again as its size.
unsigned cache_that_fits(unsigned cache, std::uint32_t packets) {
  return std::min({cache, unsigned{RTE_MEMPOOL_CACHE_MAX_SIZE}, packets * 2 / 3});
}

std::uint64_t megabytes(std::uint32_t packets) {
  const std::uint32_t element = sizeof(rte_mbuf) + sizeof(PacketMeta) + kRoomWithHeadroom;
  return (std::uint64_t{packets} * rte_mempool_calc_obj_size(element, 0, nullptr) >> 20) + 1;
}

[[noreturn]] void refuse(const char* name, std::uint32_t packets, int error) {
  const std::string subject = std::string{"packet pool '"} + name + "' of " + std::to_string(packets) + " packets: ";
  if (error != ENOMEM) throw std::runtime_error(subject + rte_strerror(error));
  const std::string size = std::to_string(megabytes(packets));
  throw OutOfMemory(subject + "no " + size + " MB left in EAL's memory. With huge pages: sysctl -w vm.nr_hugepages=" +
                    std::to_string(megabytes(packets) / 2 + 1) +
                    " or more; without them: start EAL with a greater -m; or ask for fewer packets");
}

}  // namespace

PacketPool::PacketPool(const char* name, std::uint32_t packets, unsigned cache, int numa_socket)
    : pool_(rte_pktmbuf_pool_create(name, packets, cache_that_fits(cache, packets), sizeof(PacketMeta),
                                    kRoomWithHeadroom, numa_socket)),
      capacity_(packets) {
  if (pool_ == nullptr) refuse(name, packets, rte_errno);
}

PacketPool::~PacketPool() {
  rte_mempool_free(pool_);
}

Packet PacketPool::reference(rte_mbuf* whole, std::uint16_t offset, std::uint16_t length) {
  WEIR_CHECK(whole->nb_segs == 1 && std::uint32_t{offset} + length <= whole->data_len);
  rte_mbuf* mbuf = rte_pktmbuf_alloc(pool_);
  if (mbuf == nullptr) return {};
  rte_pktmbuf_attach(mbuf, whole);
  mbuf->ol_flags &= RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;
  mbuf->tx_offload = 0;
  mbuf->data_off = static_cast<std::uint16_t>(mbuf->data_off + offset);
  mbuf->data_len = length;
  mbuf->pkt_len = length;
  return Packet{mbuf};
}

Packet PacketPool::copy(std::span<const std::uint8_t> bytes) {
  WEIR_CHECK(bytes.size() <= kDataRoom);
  Packet packet = allocate();
  if (!packet) return packet;
  std::uint8_t* to = packet.append(static_cast<std::uint16_t>(bytes.size()));
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  return packet;
}

}  // namespace weir
