// Packets: rte_mbufs behind a small owning handle, and queues of them linked through the mbuf's private area.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <rte_mbuf.h>

#include <weir/base/check.h>
#include <weir/wire/seq_num.h>

namespace weir {

// What a packet carries while a connection holds it: lies in the mbuf's private area. The stream's bytes it
// holds are [seq, seq + mbuf data length). Undefined in a new packet (it is a cache line that pure ACKs never
// touch): whoever holds on to a packet first sets it as a whole.
struct PacketMeta {
  rte_mbuf* next = nullptr;      // the next packet of the queue this one is in
  SeqNum seq{};                  // sequence number of its first byte
  std::uint32_t sent_at_us = 0;  // last transmission, microseconds modulo 2^32
  std::uint8_t flags = 0;        // owned by tcp (retransmitted, selectively acknowledged, ...)
  std::uint8_t reserved[7] = {};
  std::uint64_t spare = 0;
};
static_assert(sizeof(PacketMeta) == 32);

// Owns one packet (possibly a chain of segments); frees it when it goes. Move only, one pointer wide.
class Packet {
 public:
  Packet() = default;
  explicit Packet(rte_mbuf* mbuf) : mbuf_(mbuf) {}
  ~Packet() { reset(); }
  Packet(Packet&& other) noexcept : mbuf_(std::exchange(other.mbuf_, nullptr)) {}
  Packet& operator=(Packet&& other) noexcept {
    if (this != &other) {
      reset();
      mbuf_ = std::exchange(other.mbuf_, nullptr);
    }
    return *this;
  }

  explicit operator bool() const { return mbuf_ != nullptr; }
  rte_mbuf* get() const { return mbuf_; }
  [[nodiscard]] rte_mbuf* release() { return std::exchange(mbuf_, nullptr); }
  void reset() {
    if (mbuf_ != nullptr) rte_pktmbuf_free(std::exchange(mbuf_, nullptr));
  }

  // The first segment's bytes (all of the packet's, unless is_chain()).
  std::span<std::uint8_t> data() { return {rte_pktmbuf_mtod(mbuf_, std::uint8_t*), mbuf_->data_len}; }
  std::span<const std::uint8_t> data() const { return {rte_pktmbuf_mtod(mbuf_, const std::uint8_t*), mbuf_->data_len}; }
  std::uint32_t length() const { return mbuf_->pkt_len; }  // all segments
  bool is_chain() const { return mbuf_->nb_segs > 1; }
  PacketMeta& meta() const { return *static_cast<PacketMeta*>(rte_mbuf_to_priv(mbuf_)); }

  // May its bytes and its headroom be written? Not when they belong to another packet too (reference()).
  bool is_writable() const { return RTE_MBUF_DIRECT(mbuf_) && rte_mbuf_refcnt_read(mbuf_) == 1; }

  // Remove n bytes (n <= length()) from either end; works across segments, freeing those that become empty
  // (one segment always remains). meta() stays; meta().seq is the caller's to advance.
  void trim_front(std::uint32_t n);
  void trim_back(std::uint32_t n);
  // Grow within the first segment's headroom / the last one's tailroom; nullptr when there is none. Only where
  // is_writable(): the headroom and tailroom of a reference belong to the original.
  std::uint8_t* prepend(std::uint16_t n) { return reinterpret_cast<std::uint8_t*>(rte_pktmbuf_prepend(mbuf_, n)); }
  std::uint8_t* append(std::uint16_t n) { return reinterpret_cast<std::uint8_t*>(rte_pktmbuf_append(mbuf_, n)); }
  // Puts `tail` (possibly a chain) behind the bytes of this packet, without copying: a fresh header packet followed
  // by references to payload. Both hold a packet.
  void append_chain(Packet tail);
  // Copies bytes [offset, offset + into.size()) of the packet, chains included; they must lie within length().
  void copy_to(std::uint32_t offset, std::span<std::uint8_t> into) const;

 private:
  rte_mbuf* mbuf_ = nullptr;
};
static_assert(sizeof(Packet) == sizeof(void*));

// FIFO of single-segment packets, linked through meta().next: 24 bytes, no memory of its own.
class PacketQueue {
 public:
  PacketQueue() = default;
  ~PacketQueue() { clear(); }
  PacketQueue(const PacketQueue&) = delete;
  PacketQueue& operator=(const PacketQueue&) = delete;

  bool is_empty() const { return head_ == nullptr; }
  std::uint32_t bytes() const { return bytes_; }
  std::uint32_t count() const { return count_; }

  // Chains are taken apart: every segment becomes a packet of its own. Empty segments are dropped.
  // meta().seq of the pieces follows on from that of the packet.
  void push_back(Packet packet);
  // Inserts a single-segment packet after `position` (nullptr: at the front): for queues kept in order.
  void insert_after(rte_mbuf* position, Packet packet);
  Packet pop_front();
  // Unlinks the packet after `position` (nullptr: the first).
  Packet remove_after(rte_mbuf* position);
  // Drops n bytes (n <= bytes()) from the front, advancing meta().seq.
  void consume(std::uint32_t n);
  // Tells the queue that `n` bytes were appended in place to its last packet.
  void grew(std::uint32_t n) { bytes_ += n; }
  // ... or trimmed in place from a packet in it.
  void shrank(std::uint32_t n) { bytes_ -= n; }
  void clear() {
    if (!is_empty()) free_all();
  }

  rte_mbuf* head() const { return head_; }
  rte_mbuf* tail() const { return tail_; }
  static rte_mbuf* next(rte_mbuf* mbuf) { return static_cast<PacketMeta*>(rte_mbuf_to_priv(mbuf))->next; }
  static PacketMeta& meta(rte_mbuf* mbuf) { return *static_cast<PacketMeta*>(rte_mbuf_to_priv(mbuf)); }

 private:
  void free_all();

  rte_mbuf* head_ = nullptr;
  rte_mbuf* tail_ = nullptr;
  std::uint32_t bytes_ = 0;
  std::uint32_t count_ = 0;
};
static_assert(sizeof(PacketQueue) == 24);

// A pool of packets; EAL must run. The mempool may be shared by threads (it keeps a cache per lcore).
class PacketPool {
 public:
  static constexpr std::uint16_t kDataRoom = 2048;  // usable bytes after the headroom

  // Takes all memory at once; throws OutOfMemory saying what to type. `name` is unique in the process and shorter
  // than 26 characters. `cache` packets per lcore (<= 512; less in a small pool).
  PacketPool(const char* name, std::uint32_t packets, unsigned cache = 256, int numa_socket = -1);
  ~PacketPool();
  PacketPool(const PacketPool&) = delete;
  PacketPool& operator=(const PacketPool&) = delete;

  // An empty packet with full headroom; false-like when the pool is exhausted (the caller counts).
  [[nodiscard]] Packet allocate() { return Packet{rte_pktmbuf_alloc(pool_)}; }
  // Fills `out` with empty packets, or takes none and returns false.
  [[nodiscard]] bool allocate(std::span<rte_mbuf*> out) {
    return rte_pktmbuf_alloc_bulk(pool_, out.data(), static_cast<unsigned>(out.size())) == 0;
  }
  static void free(std::span<rte_mbuf*> packets) {
    rte_pktmbuf_free_bulk(packets.data(), static_cast<unsigned>(packets.size()));
  }
  // A new packet that refers to bytes [offset, offset+length) of a single-segment packet without copying. The bytes
  // live until both are freed; `whole` may itself be a reference. The new packet is not is_writable().
  [[nodiscard]] Packet reference(rte_mbuf* whole, std::uint16_t offset, std::uint16_t length);
  // A new single-segment packet with these bytes (at most kDataRoom).
  [[nodiscard]] Packet copy(std::span<const std::uint8_t> bytes);

  std::uint32_t capacity() const { return capacity_; }
  std::uint32_t available() const { return rte_mempool_avail_count(pool_); }  // slow: for checks and status
  // Fewer than one in `share` are free. All caches of all cores are counted only where the pool itself does not settle
  // it: for questions that come with each packet.
  bool is_low(std::uint32_t share) const {
    const std::uint32_t reserve = capacity_ / share;
    return rte_mempool_get_ops(pool_->ops_index)->get_count(pool_) < reserve && available() < reserve;
  }
  rte_mempool* get() const { return pool_; }

 private:
  rte_mempool* pool_;
  std::uint32_t capacity_;
};

}  // namespace weir
