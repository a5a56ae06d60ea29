// The inside of a Host: its tables, and its work cut by subject into the host_*.cc files.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <vector>

#include <weir/flow/connection_table.h>
#include <weir/flow/half_open_table.h>
#include <weir/flow/path_mtu.h>
#include <weir/flow/spent_cookies.h>
#include <weir/flow/time_wait_table.h>
#include <weir/stack/host.h>
#include <weir/stack/icmp.h>
#include <weir/stack/reassembly.h>
#include <weir/tcp/handshake.h>
#include <weir/tcp/time_wait.h>

#include "address_book.h"
#include "admission.h"
#include "hand_over.h"
#include "listeners.h"
#include "ready_list.h"
#include "syn_defence.h"

namespace weir::stack {

// A received TCP packet between the stages of a burst.
struct Arrival {
  Packet packet;
  IpHeader ip;
  Segment segment;
  FlowKey key;
  std::uint64_t hash = 0;
};

// How the timer wheel finds what it times: the connections' own TCP timers first, then, with indices of their own,
// the timers that the application sets: one of its own and one per connection.
struct HostTimerLinks {
  IndexPool<tcp::Tcb>* connections;
  std::vector<TimerLinks>* application;

  std::uint32_t own() const { return connections->capacity(); }
  std::uint32_t of(std::uint32_t connection) const { return connections->capacity() + 1 + connection; }
  std::uint32_t connection_of(std::uint32_t index) const { return index - connections->capacity() - 1; }
  bool is_application(std::uint32_t index) const { return index >= connections->capacity(); }

  TimerLinks& operator()(std::uint32_t index) const {
    if (is_application(index)) return (*application)[index - connections->capacity()];
    return (*connections)[index].timer;
  }
};

// 0 in the configuration stands for these.
inline std::uint32_t cold_blocks_of(const HostConfig& config) {
  return config.cold_blocks != 0 ? config.cold_blocks : config.connections;
}
inline std::uint32_t congestion_blocks_of(const HostConfig& config) {
  return config.congestion_blocks != 0 ? config.congestion_blocks : std::max(16U, cold_blocks_of(config) / 4);
}

struct Host::Impl {
  static constexpr std::uint32_t kBurst = 32;
  static constexpr std::uint32_t kEchoRepliesPerSecond = 1000;
  static constexpr std::uint32_t kEchoRepliesBurst = 100;
  static constexpr std::uint32_t kCookieResetsPerSecond = 1000;
  static constexpr std::uint32_t kCookieResetsBurst = 100;
  static constexpr Duration kCookieLife = 2 * tcp::SynCookies::kSlot;  // at most

  Impl(const HostConfig& config, Outbox& outbox, PacketPool& packets, Instant now);

  // --- host_input.cc: packets in ---
  void on_burst(std::span<rte_mbuf*> burst);
  bool parse(Packet packet, Arrival& arrival);  // false: the packet was used up
  bool parse_transport(Packet packet, Arrival& arrival);
  void demultiplex(Arrival& arrival);
  void free_arrivals(std::size_t count);
  void deliver(std::uint32_t index, Arrival& arrival);
  void acknowledge_burst();
  void on_time_wait_segment(const TimeWait& record, TimeWaitRef ref, Arrival& arrival);
  const tcp::Settings& settings_in_time_wait(const Arrival& arrival) const;
  void on_stray_segment(Arrival& arrival);
  std::uint32_t find_connection(const FlowKey& key, std::uint64_t hash) const;
  void drop(DropReason reason) { drops.add(reason); }
  const tcp::Settings& settings_of(std::uint16_t owner) const { return listeners.settings()[owner]; }

  // Of the tables that demultiplex() asks, only those that it will come to. Inlined always, as all that only fetches.
  [[gnu::always_inline]] void prefetch_state(const Arrival& arrival) const {
    const std::uint32_t probably = table.guess(arrival.hash);
    if (probably != kNoIndex) {
      connections.prefetch(probably);
      if (arrival.segment.has(kFin)) time_wait.prefetch(arrival.key, arrival.hash);
      return;
    }
    half_open.prefetch(arrival.hash);
    if (arrival.segment.has(kSyn)) time_wait.prefetch_record(arrival.key, arrival.hash);
  }

  // --- host_icmp.cc ---
  void on_icmp(Packet packet, const IpHeader& ip);
  void on_echo_request(Packet packet, const IpHeader& ip);
  void on_icmp_error(Packet packet, const IcmpMessage& message);

  // --- host_handshake.cc: LISTEN and passive SYN-RECEIVED ---
  void on_listener_segment(ListenerId id, Arrival& arrival, std::optional<SeqNum> iss_above);
  void begin_handshake(ListenerId id, Arrival& arrival, std::optional<SeqNum> iss_above);
  void on_half_open_segment(std::uint32_t record, Arrival& arrival);
  void complete_handshake(std::uint32_t record, Arrival& arrival);
  HalfOpen blank_record(ListenerId id, const FlowKey& key) const;
  std::uint32_t keep_record(const HalfOpen& record, std::uint64_t hash);
  // A fresh hot state for a handshake that is complete; kNoIndex, counted, when there is no room.
  std::uint32_t room_for(const HalfOpen& half, const Arrival& arrival);
  void open_passive(std::uint32_t index, const HalfOpen& half, Arrival& arrival);
  void on_half_open_timer(std::uint32_t record);
  void forget_half_open(std::uint32_t record);
  void forget_half_open(std::uint32_t record, std::uint64_t hash);

  // --- host_cookies.cc: handshakes without a record ---
  bool send_cookie(HalfOpen& record, Arrival& arrival);  // false: this listener does not now, or only would
  void on_listener_ack(ListenerId id, Arrival& arrival);
  bool expects_cookies(ListenerId id) const;
  bool is_spent(std::uint64_t fingerprint) const;
  void open_by_cookie(HalfOpen& record, std::uint64_t fingerprint, Arrival& arrival);
  void refuse_cookie(ListenerId id, DropReason reason, const Arrival& arrival);
  void review_defences();

  // --- host_shed.cc: more comes than can be answered ---
  bool sheds(std::span<const std::uint8_t> packet);

  // --- host_limits.cc: who may begin a connection; each counts and answers what it refuses ---
  bool is_limited(ListenerId id);
  bool is_kept_out(ListenerId id, const Arrival& arrival);
  bool is_beyond_limits(ListenerId id, const Arrival& arrival);
  void refuse(ListenerId id, DropReason reason, const Arrival& arrival);
  void count_opened(ListenerId id, std::uint32_t index);
  void count_closed(std::uint32_t index);

  // --- host_connections.cc: the life of a hot state ---
  std::uint32_t allocate(const FlowKey& key, std::uint64_t hash, std::uint16_t owner);
  // After every call into a connection: counts, timers, TIME_WAIT, events, release.
  void settle(std::uint32_t index, tcp::State before, std::optional<std::uint64_t> known_hash = {});
  void leave_table(std::uint32_t index, std::uint64_t hash);
  void enter_time_wait(std::uint32_t index, std::uint64_t hash);
  void arm_timer(std::uint32_t index);
  void free(std::uint32_t index);
  void release_all();  // at the end: queued packets go back to their pool
  tcp::Connection view(std::uint32_t index) { return tcp::Connection{context, connections[index]}; }
  void count_state(tcp::State before, tcp::State after);

  // --- host_calls.cc: the application's side ---
  CallError check_connect(const ConnectOptions& options, FlowKey& key) const;
  CallError choose_port(const ConnectOptions& options, FlowKey& key);
  bool is_port_free(const FlowKey& key) const;
  CallError make_listener(const ListenOptions& options, Listener& listener) const;
  // The connection an id names, or kNoIndex when it is stale.
  std::uint32_t live(ConnectionId id) const;
  // CLOSE with this linger, or ABORT without.
  void release(std::uint32_t index, std::optional<tcp::milliseconds> linger);
  void shut_receive(std::uint32_t index);

  // --- host_options.cc ---
  CallError change_settings(std::uint32_t index, const tcp::Settings& settings);
  HostTimerLinks links() { return {&connections, &application_timers}; }
  void on_application_timer(std::uint32_t index);
  void forget_application_side(std::uint32_t index);

  bool can_take(ConnectionId id, std::uint32_t length);
  // Calls into the connection that `id` names and settles it; `otherwise` when the id is stale.
  template <typename Result, typename Call>
  Result with(ConnectionId id, Result otherwise, Call call) {
    const std::uint32_t index = live(id);
    if (index == kNoIndex) return otherwise;
    const tcp::State before = connections[index].state;
    Result result = call(view(index));
    settle(index, before);
    return result;
  }

  // The same for a call that reads: only when it moved the window there is anything to settle.
  template <typename Result, typename Call>
  Result read(ConnectionId id, Result otherwise, Call call) {
    const std::uint32_t index = live(id);
    if (index == kNoIndex) return otherwise;
    const tcp::Tcb& tcb = connections[index];
    const SeqNum edge = tcb.rcv_adv;
    Result result = call(view(index));
    if (tcb.rcv_adv != edge) settle(index, tcb.state);
    return result;
  }

  // --- host_time.cc ---
  bool advance();
  void refill_challenge_budget();

  // --- host_peers.cc ---
  bool belongs_elsewhere(Arrival& arrival, bool has_listener);
  bool hand_over_to_knower(const FlowKey& key, std::uint64_t hash, Packet& packet);
  bool hand_over_to(std::uint16_t worker, Packet& packet);  // false when that is ourselves

  HostConfig config;
  PacketPool& packets;
  tcp::Counters counters;
  DropCounters drops;
  Random random;
  AddressBook addresses;
  Listeners listeners;
  IndexPool<tcp::Tcb> connections;
  IndexPool<tcp::Cold> cold;
  IndexPool<tcp::CongestionBlock> congestion;
  ConnectionTable table;
  HalfOpenTable half_open;
  std::unique_ptr<SynDefence[]> defences;  // by ListenerId
  tcp::SynCookies cookies;
  tcp::CookieAnswers cookie_answers;
  SpentCookies spent;
  std::unique_ptr<Admission> admission;  // none: nothing can be limited
  IcmpBudget cookie_resets{kCookieResetsPerSecond, kCookieResetsBurst};
  std::atomic<Instant> cookies_expected_until{Instant::min()};  // of any listener
  Instant defence_review{};
  TimeWaitTable time_wait;
  std::vector<TimerLinks> application_timers;
  TimerWheel<HostTimerLinks> timers;
  std::vector<bool> is_receive_shut;  // by connection
  bool any_receive_shut = false;      // ever
  bool any_connection_timer = false;  // ever
  bool has_timer_fired = false;       // the application's own
  ReadyList ready;
  std::vector<ListenerId> ready_listeners;
  PortAllocator ports;
  Reassembler reassembler;
  PathMtuCache path_mtus;
  IcmpBudget icmp_budget{kEchoRepliesPerSecond, kEchoRepliesBurst};
  HandOver hand_over;
  std::array<Arrival, kBurst> arrivals;  // of the burst at hand; kept, since to clear it costs more than to fill it
  std::array<std::uint32_t, kBurst> to_acknowledge;  // connections whose ACK waits for the end of the burst
  std::uint32_t acknowledgments = 0;
  tcp::Context context;
  Instant challenge_refill{};
  std::array<std::atomic<std::uint64_t>, tcp::kStates> states{};
};

}  // namespace weir::stack
