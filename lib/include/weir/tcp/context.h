// What a connection is handed by the core it lives on: time, packets, a way out, secrets, counters.
// tcp reaches for nothing else. One per core; not shared.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <weir/base/index_pool.h>
#include <weir/base/instant.h>
#include <weir/base/random.h>
#include <weir/flow/path_mtu.h>
#include <weir/tcp/cold.h>
#include <weir/tcp/congestion_block.h>
#include <weir/tcp/counters.h>
#include <weir/tcp/settings.h>
#include <weir/wire/outbox.h>

namespace weir::tcp {

// The addresses of this host by their 16-bit index, with the MTU of the way out of each.
struct LocalAddress {
  IpAddress address;
  std::uint16_t mtu = 1500;
};

// An instant, and what compact state stores of it: worked out once a burst, not by everybody who asks.
class Moment : public Instant {
 public:
  Moment() = default;
  Moment(Instant instant)
      : Instant(instant),
        tick_(Tick::at(instant)),
        microseconds_(static_cast<std::uint32_t>(
            std::chrono::duration_cast<std::chrono::microseconds>(instant.time_since_epoch()).count())) {}
  Moment& operator+=(Duration by) { return *this = Moment{*this + by}; }

  Tick tick() const { return tick_; }
  std::uint32_t microseconds() const { return microseconds_; }  // modulo 2^32

 private:
  Tick tick_{};
  std::uint32_t microseconds_ = 0;
};

struct Context {
  Moment now{};  // read once per burst
  Outbox* out = nullptr;
  PacketPool* packets = nullptr;
  IndexPool<Cold>* cold = nullptr;
  IndexPool<CongestionBlock>* congestion = nullptr;  // none: NewReno with plain slow start
  const std::vector<LocalAddress>* local = nullptr;
  const Settings* profiles = nullptr;  // indexed by Tcb::owner / HalfOpen::listener
  PathMtuCache* path_mtus = nullptr;   // what ICMP told about paths; may be missing
  Counters* counters = nullptr;
  Random* random = nullptr;
  SipKey isn_secret{};  // RFC 6528, and RFC 7323 §5.4 offsets
  // Challenge ACKs this core may still send in this second; refilled by the host to a randomised amount
  // (CVE-2016-5696: a fixed budget is a side channel).
  std::uint32_t challenge_budget = 0;
  // RFC 9293 §3.8.6.3, MUST-59: while a burst is worked through, text in order that asks for an ACK gets it at the
  // burst's end, by Connection::on_burst_end(). A step that leaves such an ACK says so in `ack_waits`.
  bool in_burst = false;
  bool ack_waits = false;

  Tick tick() const { return now.tick(); }
  std::uint32_t microseconds() const { return now.microseconds(); }
};

}  // namespace weir::tcp
