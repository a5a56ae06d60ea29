// SYN cookies (RFC 4987 §3.6): a handshake whose half-open record is carried by the client. Pure: no state but keys.
//
// The ISN of the SYN-ACK, high bits first:
//
//   | 26 bits MAC | 1 bit slot | 5 bits code |
//
// The code is (class of MSS * 3 + class of window scale) * 2 + SACK permitted: 30 values. The slot is the time slot's
// number modulo 2. The MAC is SipHash-2-4, under the slot's key, of both addresses and ports, the client's ISN, slot
// and code. The layout is always the same, so that a final ACK may come without timestamps, and so that leaving them
// out makes nothing easier to guess.
//
// Where the client offers timestamps, the low byte of TSval says what the classes cannot: | 3 bits MAC | ECN | 4 bits
// window scale |. TSval is so rounded down, by less than 256 ms: it never runs ahead of the clock.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include <weir/base/instant.h>
#include <weir/base/siphash.h>
#include <weir/wire/address.h>
#include <weir/wire/seq_num.h>

namespace weir::tcp {

// Both ends as the packets name them, ours being the local one: the same on every node of a service.
struct CookieFlow {
  IpAddress remote{};
  IpAddress local{};
  std::uint16_t remote_port = 0;
  std::uint16_t local_port = 0;
};

// What a handshake agreed on.
struct CookieOptions {
  std::uint16_t mss = 536;                    // the peer's
  std::optional<WindowScale> window_scale{};  // the peer's, when both offered it
  bool sack = false;
  bool timestamps = false;
  bool ecn = false;  // carried only beside timestamps

  bool operator==(const CookieOptions&) const = default;
};

struct SynCookie {
  SeqNum iss{};
  std::uint8_t timestamp_byte = 0;  // of the SYN-ACK's TSval: see stamp()
};

// What a valid cookie tells.
struct CookieGrant {
  CookieOptions options;
  // One for each cookie ever made, for all purposes: the record of spent cookies knows them by it.
  std::uint64_t fingerprint = 0;
};

struct CookieSecrets {
  SipKey making{};
  // Cookies made with this one are accepted too: while the secrets of several nodes are changed one after another.
  // Each check then tries both, and guesses are twice as likely to hit.
  std::optional<SipKey> accepted{};
};

class SynCookies {
 public:
  // A cookie is accepted in the slot it was made in and the next: it lives for 32 to 64 s.
  static constexpr Duration kSlot = 32s;
  static constexpr unsigned kMacBits = 26;
  static constexpr std::uint16_t kMssClassesV4[] = {48, 536, 1300, 1400, 1460};
  static constexpr std::uint16_t kMssClassesV6[] = {48, 536, 1220, 1360, 1440};
  static constexpr std::uint8_t kScaleClasses[] = {0, 7};  // and none at all

  // Each slot has a key of its own, derived from the secret and the slot's number, which is counted on a clock that is
  // `clock_offset` ahead of Instant. Nodes that are to accept each other's cookies have secrets and that clock alike.
  explicit SynCookies(const CookieSecrets& secrets, Duration clock_offset = {});

  // From the next one on. Cookies made with what is no longer named are not accepted any more.
  void change(const CookieSecrets& secrets);

  // `options` as in the SYN. What comes back from check() is rounded down to what the cookie can say.
  SynCookie make(const CookieFlow& flow, SeqNum irs, const CookieOptions& options, Instant now);
  // Of a final ACK: SEG.ACK - 1 as `iss`, SEG.SEQ - 1 as `irs`, TSecr as `echo` when it has timestamps. Nothing when
  // this is no cookie of ours, of this client, of this or the last slot.
  std::optional<CookieGrant> check(const CookieFlow& flow, SeqNum iss, SeqNum irs, std::optional<std::uint32_t> echo,
                                   Instant now);

  // `timestamp` with its low byte replaced, and not later than it was.
  static std::uint32_t stamp(std::uint32_t timestamp, std::uint8_t byte);

 private:
  // What the hash begins with: our end. Kept from one packet to the next, most of a flood's have it in common.
  struct OfListener {
    IpAddress address{};
    std::uint16_t port = 0;  // 0: none
    SipPrefix24 prefix{SipKey{}};
  };

  void follow(Instant now);
  const SipPrefix24& prefix(unsigned which, const SipKey& key, const CookieFlow& flow);
  std::optional<CookieGrant> check_with(const SipPrefix24& prefix, const CookieFlow& flow, SeqNum iss, SeqNum irs,
                                        std::optional<std::uint32_t> echo) const;

  CookieSecrets secrets_;
  Duration clock_offset_;
  Instant slot_ends_{Instant::min()};
  unsigned slot_ = 0;  // modulo 2
  // By slot modulo 2: of this slot and the last.
  std::array<SipKey, 2> making_{};
  std::array<SipKey, 2> accepted_{};
  std::array<OfListener, 4> prefixes_{};  // of making_, then of accepted_
};

}  // namespace weir::tcp
