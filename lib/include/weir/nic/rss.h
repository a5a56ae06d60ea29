// How the device spreads arriving flows over its queues, read back from it.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace weir::nic {

inline constexpr std::size_t kRssKeyMax = 52;
using RssKey = std::array<std::uint8_t, kRssKeyMax>;  // devices take the first 40 bytes, or all

struct RssState {
  static constexpr std::size_t kKeyMax = kRssKeyMax;
  static constexpr std::size_t kRetaMax = 512;

  RssKey key{};
  std::uint8_t key_length = 0;                 // 0: not readable
  std::array<std::uint16_t, kRetaMax> reta{};  // queue of each entry
  std::uint16_t reta_size = 0;                 // a power of two; 0: not readable
  // The queue of a TCP flow can be computed from key and table. Never true of virtual devices: what they read back
  // says nothing about how packets are really spread.
  bool predicted = false;
  std::string reason;  // why it is not
};

// A device that is started hashes by this key from now on. False when it keeps its own.
bool set_rss_key(std::uint16_t port, const RssKey& key);
RssState read_rss(std::uint16_t port, std::uint16_t queues, bool rss_on);

}  // namespace weir::nic
