// A host under a fuzzer: its bytes are a program of calls, segments and waits. Whatever they do, no check may fail,
// each answer must be a well-formed packet (support/raw_peer.h), and in the end everything is given back.
#pragma once

#include <optional>
#include <vector>

#include "support/raw_peer.h"

namespace weir::testing {

// The fuzzer's bytes, one after another; zeros at their end.
class FuzzBytes {
 public:
  explicit FuzzBytes(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  bool is_empty() const { return bytes_.empty(); }
  std::uint8_t next();
  std::uint16_t next16() { return static_cast<std::uint16_t>(next() << 8 | next()); }
  // Small numbers of either sign, seldom large ones.
  std::int32_t next_offset();

 private:
  std::span<const std::uint8_t> bytes_;
};

class FuzzedHost {
 public:
  explicit FuzzedHost(FuzzBytes& bytes);
  ~FuzzedHost();

  // Takes the connection to a state that the bytes choose, from either side.
  void reach_state();
  // A segment close to what the peer would send now; any field may be off.
  void send_segment();
  // One call of the application, on a live id, a stale one or none.
  void call();
  void let_time_pass();

 private:
  void send(std::uint8_t flags, std::int32_t seq_off, std::int32_t ack_off, std::size_t text);
  void read_answers();
  void take_events();
  void spoil(std::vector<std::uint8_t>& packet);
  void open_actively();
  void open_passively();
  TcpOptions options();
  std::uint16_t host_port() const { return is_active_ ? kHostActivePort : RawPeer::kHostPort; }

  static constexpr std::uint16_t kPeerPort = 4000, kHostActivePort = 5000;
  FuzzBytes& bytes_;
  RawPeer peer_;
  stack::ListenerId listener_ = stack::kNoListener;
  stack::ConnectionId id_{};
  bool is_active_ = false;
  SeqNum seq_{0xffff'ff00};  // the peer's next: close to its end, so that it wraps
  SeqNum ack_{};             // what the peer would acknowledge
  std::uint32_t echo_ = 0;   // the host's last TSval
  bool has_timestamps_ = false;
};

}  // namespace weir::testing
