// One TIME_WAIT entry as it is stored: the key in 32-bit words, of which other threads may read while we write.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <weir/base/instant.h>
#include <weir/flow/flow_key.h>
#include <weir/wire/seq_num.h>

namespace weir {

// One entry, unpacked: what callers see.
struct TimeWait {
  FlowKey key;
  SeqNum snd_nxt;
  SeqNum rcv_nxt;
  std::uint32_t ts_recent = 0;
  bool has_timestamps = false;
  Tick expires{};
};

// AddressWords: 1 for IPv4, 4 for IPv6.
template <std::size_t AddressWords>
struct TimeWaitRecord {
  static constexpr std::size_t kKeyWords = AddressWords + 2;
  using Key = std::array<std::uint32_t, kKeyWords>;  // address, ports, local address below the flags

  // In the last word's upper half. A record that is not live is a tombstone: the ring has not come past it yet.
  static constexpr std::uint32_t kLive = 1U << 16;
  static constexpr std::uint32_t kTimestamps = 2U << 16;
  static constexpr std::uint32_t kRestarted = 4U << 16;

  Key key;
  std::uint32_t next;  // in the chain
  SeqNum snd_nxt;
  SeqNum rcv_nxt;
  std::uint32_t ts_recent;
  Tick expires;

  static Key pack(const FlowKey& flow) {
    Key key{};
    const std::size_t tail = 16 - AddressWords * 4;  // IPv4 stands in the last four bytes
    std::memcpy(key.data(), flow.remote.bytes().data() + tail, AddressWords * 4);
    key[AddressWords] = std::uint32_t{flow.remote_port} << 16 | flow.local_port;
    key[AddressWords + 1] = flow.local_address;
    return key;
  }
  FlowKey unpack() const {
    FlowKey flow;
    if constexpr (AddressWords == 1) {
      flow.remote = IpAddress::v4(be32::from_raw(key[0]));
    } else {
      flow.remote = IpAddress::v6(reinterpret_cast<const std::uint8_t*>(key.data()));
    }
    flow.remote_port = static_cast<std::uint16_t>(key[AddressWords] >> 16);
    flow.local_port = static_cast<std::uint16_t>(key[AddressWords]);
    flow.local_address = static_cast<std::uint16_t>(key[AddressWords + 1]);
    return flow;
  }
  TimeWait entry() const { return {unpack(), snd_nxt, rcv_nxt, ts_recent, has(kTimestamps), expires}; }

  bool has(std::uint32_t flag) const { return (key.back() & flag) != 0; }
  bool is_live() const { return has(kLive); }
  // The writer's changes to words that other threads read.
  void set_flags(std::uint32_t flags) { store(key.back(), (key.back() & 0xffff) | flags); }
  void set_key(const Key& packed, std::uint32_t flags) {
    for (std::size_t i = 0; i + 1 < kKeyWords; ++i) store(key[i], packed[i]);
    store(key.back(), (packed.back() & 0xffff) | flags);
  }
  static void store(std::uint32_t& word, std::uint32_t value) {
    std::atomic_ref{word}.store(value, std::memory_order_release);
  }
  static std::uint32_t load(const std::uint32_t& word) {
    return std::atomic_ref{const_cast<std::uint32_t&>(word)}.load(std::memory_order_acquire);
  }

  // Live and of this key; any thread.
  bool holds(const Key& packed) const {
    const std::uint32_t last = load(key.back());
    bool same = (last & kLive) != 0 && (last & 0xffff) == packed.back();
    for (std::size_t i = 0; i + 1 < kKeyWords; ++i) same = same && load(key[i]) == packed[i];
    return same;
  }
};

static_assert(sizeof(TimeWaitRecord<1>) + sizeof(std::uint32_t) <= 36);  // with its place in the index
static_assert(sizeof(TimeWaitRecord<4>) + sizeof(std::uint32_t) <= 64);

}  // namespace weir
