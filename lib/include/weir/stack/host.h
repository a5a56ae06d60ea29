// One core's host: IP packets in, IP packets out, time forward, and the calls of an application. This is the one
// seam by which workers, unit tests, scripts, simulation and fuzzers drive the protocol engine.
// One thread only, except where a function says otherwise.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <weir/base/instant.h>
#include <weir/flow/port_allocator.h>
#include <weir/stack/drop_reason.h>
#include <weir/tcp/connection.h>
#include <weir/tcp/counters.h>
#include <weir/wire/outbox.h>

namespace weir::stack {

// Names a connection until the application calls close() or abort() on it, whatever happened to the connection
// meanwhile. After that the id is stale: every call with it does nothing and says so.
struct ConnectionId {
  std::uint32_t index = kNoIndex;
  std::uint16_t generation = 0;
  bool operator==(const ConnectionId&) const = default;
  explicit operator bool() const { return index != kNoIndex; }
};
using ListenerId = std::uint16_t;
inline constexpr ListenerId kNoListener = 0xffff;

// What happened, one per connection or listener however many packets caused it.
struct Event {
  ConnectionId connection{};  // empty when a listener has connections to accept
  ListenerId listener = kNoListener;
  std::uint8_t what = 0;   // tcp::Events
  std::uint32_t user = 0;  // the connection's tag, see set_user()
};

struct HostConfig {
  std::uint32_t connections = 65536;  // hot states; every table is sized from these at start
  std::uint32_t cold_blocks = 0;      // 0: as many as connections
  std::uint32_t half_open = 16384;
  std::uint32_t time_wait_v4 = 131072;
  std::uint32_t time_wait_v6 = 65536;
  std::uint32_t listeners = 256;
  std::uint32_t timers_per_advance = 256;  // expiries handled per call of advance()
  tcp::Settings defaults;                  // of connections opened without a profile of their own
  PortSteering steering;
  SipKey flow_secret, isn_secret, timestamp_secret, port_secret;
  std::uint64_t seed = 1;
};

// Bytes a host with this configuration takes, by part: the forecast printed before anything is allocated.
struct MemoryForecast {
  struct Part {
    std::string name;
    std::uint64_t bytes;
  };
  std::vector<Part> parts;
  std::uint64_t total() const;
};
MemoryForecast forecast(const HostConfig& config);

enum class CallError : std::uint8_t {
  kNone,
  kStaleId,
  kAddressInUse,  // listen: there is a listener on address:port
  kNotLocal,      // address is not one of this host's
  kBadAddress,    // multicast, broadcast, unspecified peer, port 0 (MUST-46)
  kNoPorts,       // no free source port towards this peer
  kNoResources,   // state or packets are used up
  kBadState,      // the call makes no sense in this state (RFC 9293 §3.10)
};
const char* to_string(CallError error);

struct ListenOptions {
  IpAddress address{};  // one of the host's, or :: / 0.0.0.0 for all of that family
  std::uint16_t port = 0;
  std::uint32_t backlog = 1024;  // accept queue
  std::optional<tcp::Settings> settings{};
  std::uint32_t user = 0;  // given to accepted connections
};

struct ConnectOptions {
  Endpoint remote{};
  std::optional<IpAddress> local{};  // else: the host's first address of the family, or route's choice
  std::optional<std::uint16_t> local_port{};
  std::uint32_t user = 0;
  std::uint16_t profile = 0;  // from add_profile(); 0 = defaults
};

// A copy of what is known about a connection, as `ss` would show it.
struct ConnectionInfo {
  Endpoint local, remote;
  tcp::State state = tcp::State::kClosed;
  tcp::CloseReason reason = tcp::CloseReason::kNone;
  bool passive = false;
  std::uint32_t user = 0;
  std::uint32_t unsent = 0, unacknowledged = 0, unread = 0;
  std::uint32_t cwnd = 0, ssthresh = 0, srtt_us = 0, rttvar_us = 0, rto_ms = 0, snd_wnd = 0, rcv_wnd = 0;
  std::uint16_t mss = 0;
  std::uint8_t retries = 0;
};

// How full each pool is: tests compare it before and after, status shows it.
struct PoolLevels {
  struct Level {
    const char* name;
    std::uint64_t capacity, in_use;
  };
  std::vector<Level> levels;
};

class Host {
 public:
  static constexpr unsigned kSpliceMax = 256;  // packets per call of splice()

  // `outbox` is where IP packets leave; `packets` where they come from. Both outlive the host.
  Host(const HostConfig& config, Outbox& outbox, PacketPool& packets, Instant now);
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // --- addresses ---
  // Adds an address this host answers for; returns its index. At most 65535.
  std::uint16_t add_address(const IpAddress& address, std::uint16_t mtu);
  bool is_local(const IpAddress& address) const;

  // --- packets in: whole IP packets (no link header), any mix; ownership passes ---
  void on_burst(std::span<rte_mbuf*> packets, Instant now);
  void on_packet(Packet packet, Instant now);

  // --- time ---
  // Does what is due, bounded; true when there may be more due (call again).
  bool advance(Instant now);
  // Not later than the next thing that advance() would do; nothing when idle.
  std::optional<Instant> next_deadline() const;

  // --- application ---
  // The next event, if any. Bounded by one per connection and listener.
  std::optional<Event> next_event();

  CallError listen(const ListenOptions& options, ListenerId& listener);
  void stop_listening(ListenerId listener);  // queued connections are reset, accepted ones live on
  std::optional<ConnectionId> accept(ListenerId listener);
  std::uint16_t add_profile(const tcp::Settings& settings);
  CallError connect(const ConnectOptions& options, ConnectionId& connection);

  // As in tcp::Connection. Calls on a stale id return 0 / empty / kStaleId.
  std::uint32_t send(ConnectionId id, std::span<const std::uint8_t> bytes);
  [[nodiscard]] Packet send(ConnectionId id, Packet payload);  // what comes back was not taken
  std::uint32_t send_room(ConnectionId id) const;
  Packet receive(ConnectionId id);
  std::uint32_t receive(ConnectionId id, std::span<std::uint8_t> into);
  // Moves unread packets of `from` to `to` (which may be the same) without copying, at most kSpliceMax of them, and
  // returns how many bytes. Where `to` lacks room, its kWritable will tell when to call again.
  std::uint32_t splice(ConnectionId from, ConnectionId to);
  std::uint32_t readable(ConnectionId id) const;
  bool at_end(ConnectionId id) const;
  CallError shutdown(ConnectionId id);
  CallError close(ConnectionId id);  // the id is stale afterwards
  CallError abort(ConnectionId id);  // likewise
  void set_user(ConnectionId id, std::uint32_t user);
  void set_no_delay(ConnectionId id, bool on);
  void set_keep_alive(ConnectionId id, bool on);
  std::optional<ConnectionInfo> info(ConnectionId id) const;
  bool is_alive(ConnectionId id) const;  // not stale

  Instant now() const;
  PacketPool& packets();

  // --- several cores ---
  // The hosts of all cores in worker order, this one among them; each outlives the traffic. When a packet meets no
  // state here, its owner is looked up: local port arithmetic for connections we opened, else the others' tables
  // (lock-free reads). What belongs elsewhere is collected for hand_over().
  void set_peers(std::span<Host* const> hosts, std::uint16_t own_index);
  // Packets that belong to `worker`, gathered since the last call: ownership passes, at most out.size().
  std::size_t take_hand_over(std::uint16_t worker, std::span<rte_mbuf*> out);
  // Any thread; advisory.
  bool knows(const FlowKey& key, std::uint64_t hash) const;

  // --- seeing ---
  const tcp::Counters& counters() const;                 // any thread
  const DropCounters& drops() const;                     // any thread
  std::uint64_t connections_in(tcp::State state) const;  // any thread
  PoolLevels pools() const;                              // any thread; not exact while the worker runs
  // Any thread: copies of connections, `from` is a cursor starting at 0 that is advanced; empty at the end.
  std::vector<ConnectionInfo> list(std::uint32_t& cursor, std::uint32_t count) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::stack
