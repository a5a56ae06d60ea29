// The stations on the links of one worker, ARP and NDP alike: bounded, ageing, wary of answers that nobody asked for.
//
// Trust: an answer counts as solicited only while a question of ours is open. Unasked answers never make an entry. They
// replace the MAC of a stale one, as RFC 4861 §7.2.5 allows, if that was never confirmed either; where an entry is in
// use or has been, a different MAC only makes us ask the station we know, and its silence alone (not the claim) opens
// the address to a new question.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include <weir/base/random.h>
#include <weir/base/siphash.h>
#include <weir/flow/connection_table.h>
#include <weir/stack/drop_reason.h>
#include <weir/stack/neighbour.h>
#include <weir/wire/packet.h>

namespace weir::stack {

// What the table wants done. Called from within its functions; must not call back into them.
struct NeighbourSink {
  void* context = nullptr;
  // Ask for neighbour.address: the station itself (its MAC is known), or everybody.
  void (*solicit)(void* context, const Neighbour& neighbour, bool unicast) = nullptr;
  // A packet that waited can go to neighbour.mac; ownership passes.
  void (*deliver)(void* context, const Neighbour& neighbour, rte_mbuf* packet) = nullptr;
};

// One thread only.
class NeighbourTable {
 public:
  static constexpr std::uint32_t kTimersPerAdvance = 256;

  // Takes all memory at once; throws OutOfMemory.
  NeighbourTable(const NeighbourSettings& settings, const NeighbourSink& sink, DropCounters& drops,
                 const SipKey& secret, Random random, Instant now);
  ~NeighbourTable();
  NeighbourTable(const NeighbourTable&) = delete;
  NeighbourTable& operator=(const NeighbourTable&) = delete;

  // A configured neighbour: never asked for, never changed by packets. False when the table is full.
  [[nodiscard]] bool add_permanent(std::uint16_t interface, const IpAddress& address, const MacAddress& mac);

  // Where to send a packet for `next_hop`: its MAC (valid until the next call), the packet stays the caller's;
  // or nullptr: the packet was taken, it waits for an answer or was dropped and counted.
  const MacAddress* resolve(std::uint16_t interface, const IpAddress& next_hop, Packet& packet, Instant now);

  // A station asked for an address of ours and told its own. False when that changed nothing and was not believed.
  bool on_request(std::uint16_t interface, const IpAddress& sender, const MacAddress& mac, Instant now);
  // An answer, asked for or not. `solicited`: it says it answers a question. `overrides`: it asks to replace a known
  // MAC (always so in ARP). False when it was ignored.
  struct Answer {
    bool solicited = false;
    bool overrides = false;
  };
  bool on_answer(std::uint16_t interface, const IpAddress& sender, const MacAddress& mac, Answer answer, Instant now);
  // A solicited answer that leaves the MAC out, as stations may when they are asked by unicast (RFC 4861 §7.2.4).
  bool on_bare_answer(std::uint16_t interface, const IpAddress& sender, Instant now);

  // True when more may be due.
  bool advance(Instant now);
  std::optional<Instant> next_deadline() const;

  // Changes whenever any MAC or state does: what resolve() returned for an entry in use holds until then.
  std::uint64_t generation() const { return generation_; }
  const Neighbour* find(std::uint16_t interface, const IpAddress& address) const;
  std::uint32_t size() const { return entries_.in_use(); }
  std::uint32_t queued() const { return waiting_.in_use(); }

 private:
  struct Waiting {
    rte_mbuf* packet = nullptr;
    std::uint32_t next = kNoIndex;
  };
  struct Links {
    IndexPool<Neighbour>* entries;
    TimerLinks& operator()(std::uint32_t index) const { return (*entries)[index].timer; }
  };

  std::uint64_t hash_of(std::uint16_t interface, const IpAddress& address) const;
  std::uint32_t find_index(std::uint16_t interface, const IpAddress& address) const;
  std::uint32_t create(std::uint16_t interface, const IpAddress& address);
  void remove(std::uint32_t index);

  // neighbour_states.cc: RFC 4861 §7.3.2, one function per transition.
  void enter(std::uint32_t index, NeighbourState state, Duration lifetime);
  void start_resolution(std::uint32_t index);
  void confirm(std::uint32_t index, const MacAddress& mac);
  void learn_unconfirmed(std::uint32_t index, const MacAddress& mac);
  void start_probe(std::uint32_t index);
  void contest(std::uint32_t index);
  void solicit(std::uint32_t index, bool unicast);
  void expire(std::uint32_t index);
  void expire_question(std::uint32_t index);
  void fail(std::uint32_t index);
  Duration reachable_lifetime();

  // neighbour_queue.cc
  void enqueue(std::uint32_t index, Packet packet);
  Packet dequeue(Neighbour& neighbour);
  void deliver_waiting(std::uint32_t index);
  void drop_waiting(std::uint32_t index, DropReason reason);
  void idle_append(std::uint32_t index);
  void idle_remove(std::uint32_t index);

  NeighbourSettings settings_;
  NeighbourSink sink_;
  DropCounters& drops_;
  SipKey secret_;
  Random random_;
  Instant now_;
  IndexPool<Neighbour> entries_;
  IndexPool<Waiting> waiting_;
  ConnectionTable table_;
  TimerWheel<Links> wheel_;
  std::uint64_t generation_ = 1;
  std::uint32_t idle_oldest_ = kNoIndex;
  std::uint32_t idle_newest_ = kNoIndex;
};

}  // namespace weir::stack
