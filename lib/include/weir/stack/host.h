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
#include <weir/stack/call_error.h>
#include <weir/stack/connection_info.h>
#include <weir/stack/connection_options.h>
#include <weir/stack/defence.h>
#include <weir/stack/drop_reason.h>
#include <weir/stack/limits.h>
#include <weir/tcp/connection.h>
#include <weir/tcp/counters.h>
#include <weir/tcp/syn_cookie.h>
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
  std::uint8_t what = 0;  // tcp::Events
  // With tcp::kClosed: how it ended. With tcp::kSoftError: what the end would be called, kNone for R1 (MUST-20).
  tcp::CloseReason reason = tcp::CloseReason::kNone;
  std::uint32_t user = 0;  // the connection's tag, see set_user()
};

enum class Direction : std::uint8_t { kReceive = 1, kSend = 2, kBoth = 3 };

struct HostConfig {
  std::uint32_t connections = 65536;    // hot states; every table is sized from these at start
  std::uint32_t cold_blocks = 0;        // 0: as many as connections
  std::uint32_t congestion_blocks = 0;  // 0: one for four cold blocks, at least 16
  std::uint32_t half_open = 16384;
  std::uint32_t time_wait_v4 = 131072;
  std::uint32_t time_wait_v6 = 65536;
  std::uint32_t listeners = 256;
  std::uint32_t option_sets = 64;          // different settings that set_options() may have given to live connections
  bool connection_timers = true;           // set_timer() of connections: 16 B each
  std::uint32_t path_mtu_entries = 1024;   // destinations whose path's MTU is remembered
  std::uint32_t timers_per_advance = 256;  // expiries handled per call of advance()
  tcp::Settings defaults;                  // of connections opened without a profile of their own
  PortSteering steering;
  SipKey flow_secret, isn_secret, port_secret;
  std::uint64_t seed = 1;
  // SYN cookies: the same for all hosts that may see a handshake's packets. `cookies_shared`: hosts elsewhere have the
  // secrets too, so cookies are accepted at any time, not only after this host or a peer sent some.
  tcp::CookieSecrets cookie_secrets;
  Duration cookie_clock_ahead{};  // of Instant: see tcp/syn_cookie.h
  bool cookies_shared = false;
  std::uint32_t spent_cookies = 65536;  // remembered, so that each opens one connection
  // Limits that may be set, now or later: without groups none can be. `limits` are those of the groups to begin with.
  std::uint16_t limit_groups = 0;
  std::uint32_t limited_sources = 65536;  // source prefixes counted at once, by all groups
  std::vector<Limits> limits;
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

struct ListenOptions {
  IpAddress address{};  // one of the host's, or :: / 0.0.0.0 for all of that family
  std::uint16_t port = 0;
  std::uint32_t backlog = 1024;  // accept queue
  std::optional<tcp::Settings> settings{};
  std::uint32_t user = 0;            // given to accepted connections
  std::uint16_t limits = kNoLimits;  // group that its clients are counted in, of HostConfig::limit_groups
};

struct ConnectOptions {
  Endpoint remote{};
  std::optional<IpAddress> local{};  // else: the host's first address of the family, or route's choice
  std::optional<std::uint16_t> local_port{};
  std::uint32_t user = 0;
  std::uint16_t profile = 0;  // from add_profile(), else kBadOption; 0 = defaults
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
  static constexpr Duration kTimerMax = 24 * 24h;

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
  // For when more comes than can be answered: frees SYNs to listeners under attack (kSynShed), at a fraction of what an
  // answer costs, so that packets of connections behind them are reached. Returns how many remain, in their order, for
  // on_burst(). At most kShedMax at once. `off` and `dry-run` listeners lose none.
  static constexpr std::size_t kShedMax = 32;
  std::size_t shed(std::span<rte_mbuf*> packets);

  // --- time ---
  // Does what is due, bounded; true when there may be more due (call again).
  bool advance(Instant now);
  // Not later than the next thing that advance() would do; nothing when idle.
  std::optional<Instant> next_deadline() const;

  // --- application ---
  // Calls never block and tell failure by value; docs/library.md has them by state (RFC 9293 §3.10.1 to .6).
  // The next event, if any. Bounded by one per connection and listener, and one of the application's own timer: that
  // one names neither connection nor listener.
  std::optional<Event> next_event();

  CallError listen(const ListenOptions& options, ListenerId& listener);
  void stop_listening(ListenerId listener);  // queued connections are reset, accepted ones live on
  bool is_listening(ListenerId listener) const;
  std::optional<ConnectionId> accept(ListenerId listener);
  // Settings for connect() to name; kept for good. kNoListener when HostConfig::listeners slots are in use.
  std::uint16_t add_profile(const tcp::Settings& settings);
  CallError connect(const ConnectOptions& options, ConnectionId& connection);

  // As in tcp::Connection. Calls on a stale id return 0 / empty / kStaleId.
  std::uint32_t send(ConnectionId id, std::span<const std::uint8_t> bytes);
  [[nodiscard]] Packet send(ConnectionId id, Packet payload);  // what comes back was not taken
  // As send() of bytes, and when all of them were taken as shutdown(kSend) too, before anything leaves: the last bytes
  // and the FIN share a segment.
  std::uint32_t send_last(ConnectionId id, std::span<const std::uint8_t> bytes);
  std::uint32_t send_urgent(ConnectionId id, std::span<const std::uint8_t> bytes);
  // Puts a whole IP packet of the application's own making on its way, past all state.
  void send_raw(Packet ip_packet);
  std::uint32_t send_room(ConnectionId id) const;
  Packet receive(ConnectionId id);
  std::uint32_t receive(ConnectionId id, std::span<std::uint8_t> into);
  // Moves unread packets of `from` to `to` (which may be the same) without copying, at most kSpliceMax of them, and
  // returns how many bytes. Where `to` lacks room, its kWritable will tell when to call again.
  std::uint32_t splice(ConnectionId from, ConnectionId to);
  std::uint32_t readable(ConnectionId id) const;
  bool at_end(ConnectionId id) const;
  // Would a send be taken, now or when kWritable says so; would a receive bring bytes, now or later? Else kClosing,
  // kEnded or kStaleId: it never will again.
  CallError check_send(ConnectionId id) const;
  CallError check_receive(ConnectionId id) const;
  // kSend: FIN after what is queued; kClosing when that was asked before. In SYN-SENT it ends the attempt.
  // kReceive: as in Linux, at_end() from now on whenever nothing is unread; what the peer sends nevertheless is
  // acknowledged and may be read. The peer is not told.
  CallError shutdown(ConnectionId id, Direction direction = Direction::kSend);
  CallError close(ConnectionId id);                            // the id is stale afterwards, in every state
  CallError close(ConnectionId id, tcp::milliseconds linger);  // as tcp::Connection::close()
  CallError abort(ConnectionId id);                            // likewise
  void set_user(ConnectionId id, std::uint32_t user);
  void set_no_delay(ConnectionId id, bool on);
  void set_keep_alive(ConnectionId id, bool on);
  // All or nothing. kBadOption: a value is out of its range; kNoResources: HostConfig::option_sets are in use.
  CallError set_options(ConnectionId id, const ConnectionOptions& options);
  std::optional<ConnectionOptions> options(ConnectionId id) const;  // every field set
  std::optional<ConnectionInfo> info(ConnectionId id) const;
  bool is_alive(ConnectionId id) const;  // not stale

  // --- timers of the application, on this host's wheel: one of its own and one per connection, each fires once ---
  // `after` is rounded up to 1 ms and is at most kTimerMax. Setting moves a timer that runs. A timer that fires is an
  // event with tcp::kTimer; a connection's runs on after its end, until the application lets go of the id.
  void set_timer(Duration after);
  void cancel_timer();
  CallError set_timer(ConnectionId id, Duration after);  // kBadState without HostConfig::connection_timers
  void cancel_timer(ConnectionId id);

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
  // Any thread. Did this host send SYN cookies that may still be answered; was this one answered here?
  bool expects_cookies(Instant now) const;
  bool has_spent(std::uint64_t fingerprint) const;
  // Instead of HostConfig::cookie_secrets, from the next SYN on; see SynCookies::change().
  void change_cookie_secrets(const tcp::CookieSecrets& secrets);
  // By group, instead of HostConfig::limits: from the next SYN or final ACK on. What is open lives on, counted as it
  // is; what was not counted when it began (its group had no limits) never is. Lists are let go of, not freed, if
  // others hold them too.
  void change_limits(std::span<const Limits> limits);

  // --- seeing ---
  const tcp::Counters& counters() const;                 // any thread
  const DropCounters& drops() const;                     // any thread
  std::uint64_t connections_in(tcp::State state) const;  // any thread
  std::vector<DefenceStatus> defences() const;           // any thread; of all listeners
  std::vector<LimitStatus> limits() const;               // any thread; by group
  PoolLevels pools() const;                              // any thread; not exact while the worker runs
  // Any thread: some `count` connections from `cursor` on, which begins at 0 and is kListEnd at the end. What ends or
  // begins meanwhile may be missing. One call looks at kListLook places at most, so that it may find fewer, or none.
  static constexpr std::uint64_t kListEnd = ~std::uint64_t{0};
  static constexpr std::uint64_t kListLook = 1U << 20;
  std::vector<ConnectionInfo> list(std::uint64_t& cursor, std::uint32_t count, ListScope scope = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::stack
