#include <weir/tcp/syn_cookie.h>

#include <iterator>
#include <span>

namespace weir::tcp {

namespace {

constexpr unsigned kCodeBits = 5;
constexpr unsigned kLowBits = kCodeBits + 1;  // code and slot
constexpr unsigned kScales = 1 + std::size(SynCookies::kScaleClasses);
constexpr unsigned kCodes = std::size(SynCookies::kMssClassesV4) * kScales * 2;
static_assert(std::size(SynCookies::kMssClassesV4) == std::size(SynCookies::kMssClassesV6));
static_assert(kCodes <= 1U << kCodeBits && SynCookies::kMacBits + kLowBits == 32);

constexpr unsigned kNoScale = 15;  // in a timestamp, instead of a shift
constexpr unsigned kEcnBit = 1 << 4;
constexpr unsigned kInfoBits = 5;

std::span<const std::uint16_t> mss_classes(const CookieFlow& flow) {
  if (flow.remote.is_v4()) return SynCookies::kMssClassesV4;
  return SynCookies::kMssClassesV6;
}

unsigned mss_class(const CookieFlow& flow, std::uint16_t mss) {
  const auto classes = mss_classes(flow);
  unsigned at = static_cast<unsigned>(classes.size()) - 1;
  while (at > 0 && classes[at] > mss) --at;
  return at;
}

unsigned shift_of(const std::optional<WindowScale>& scale) {
  return scale ? scale->shift() : kNoScale;
}

// 0: not agreed on. Rounded down: a window must not be taken for larger than it is.
unsigned scale_class(unsigned shift) {
  if (shift == kNoScale) return 0;
  unsigned at = kScales - 1;
  while (at > 1 && SynCookies::kScaleClasses[at - 1] > shift) --at;
  return at;
}

unsigned code_of(const CookieFlow& flow, const CookieOptions& options) {
  return (mss_class(flow, options.mss) * kScales + scale_class(shift_of(options.window_scale))) * 2 +
         (options.sack ? 1 : 0);
}

CookieOptions meaning(const CookieFlow& flow, unsigned code) {
  CookieOptions options;
  options.sack = (code & 1) != 0;
  const unsigned scale = code / 2 % kScales;
  if (scale > 0) options.window_scale = WindowScale{SynCookies::kScaleClasses[scale - 1]};
  options.mss = mss_classes(flow)[code / 2 / kScales];
  return options;
}

SipPrefix24 prefix_of(const SipKey& key, const CookieFlow& flow) {
  const IpAddress& local = flow.local;
  if (!local.is_v4()) return SipPrefix24{key, local.high(), local.low(), std::uint64_t{flow.local_port}};
  return SipPrefix24{key, std::uint64_t{local.as_v4().value()} << 16 | flow.local_port};
}

// Seven bytes are left for the last block.
std::uint64_t hash(const SipPrefix24& prefix, const CookieFlow& flow, SeqNum irs, unsigned low) {
  const std::uint64_t port_and_low = std::uint64_t{flow.remote_port} << 8 | low;
  if (!flow.remote.is_v4())
    return prefix.hash({std::uint64_t{irs.value()} << 24 | port_and_low, 7}, flow.remote.high(), flow.remote.low());
  return prefix.hash({port_and_low, 3}, std::uint64_t{flow.remote.as_v4().value()} << 32 | irs.value());
}

std::uint32_t mac_of(std::uint64_t hash) {
  return static_cast<std::uint32_t>(hash >> (64 - SynCookies::kMacBits));
}

// Multiply-shift by a number that nobody knows: another `info` meets the same three bits in one case out of eight.
std::uint8_t timestamp_byte(std::uint64_t hash, unsigned info) {
  const std::uint32_t tag = ((static_cast<std::uint32_t>(hash) | 1) * (info + 1)) >> 29;
  return static_cast<std::uint8_t>(tag << kInfoBits | info);
}

unsigned info_of(const CookieOptions& options) {
  return shift_of(options.window_scale) | (options.ecn ? kEcnBit : 0U);
}

// False when it is not the byte that was sent.
bool read_timestamp(std::uint64_t hash, std::uint32_t echo, CookieOptions& options) {
  const unsigned info = echo & ((1U << kInfoBits) - 1);
  if (timestamp_byte(hash, info) != (echo & 0xff)) return false;
  const unsigned shift = info & 0xf;
  if (scale_class(shift) != scale_class(shift_of(options.window_scale))) return false;
  if (options.window_scale) options.window_scale = WindowScale{shift};
  options.ecn = (info & kEcnBit) != 0;
  options.timestamps = true;
  return true;
}

SipKey key_of_slot(const SipKey& secret, std::uint64_t slot) {
  return {siphash24(secret, slot, std::uint64_t{0}), siphash24(secret, slot, std::uint64_t{1})};
}

}  // namespace

SynCookies::SynCookies(const CookieSecrets& secrets, Duration clock_offset)
    : secrets_(secrets), clock_offset_(clock_offset) {}

void SynCookies::change(const CookieSecrets& secrets) {
  secrets_ = secrets;
  slot_ends_ = Instant::min();
}

void SynCookies::follow(Instant now) {
  if (now < slot_ends_) return;
  const auto since_epoch = static_cast<std::uint64_t>((now.time_since_epoch() + clock_offset_).count());
  const std::uint64_t slot = since_epoch / static_cast<std::uint64_t>(kSlot.count());
  slot_ends_ = Instant{Duration{static_cast<std::int64_t>((slot + 1) * kSlot.count())} - clock_offset_};
  slot_ = slot & 1;
  prefixes_ = {};
  for (const std::uint64_t each : {slot, slot - 1}) {
    making_[each & 1] = key_of_slot(secrets_.making, each);
    if (secrets_.accepted) accepted_[each & 1] = key_of_slot(*secrets_.accepted, each);
  }
}

SynCookie SynCookies::make(const CookieFlow& flow, SeqNum irs, const CookieOptions& options, Instant now) {
  follow(now);
  const unsigned low = slot_ << kCodeBits | code_of(flow, options);
  const std::uint64_t made = hash(prefix(slot_, making_[slot_], flow), flow, irs, low);
  return {SeqNum{mac_of(made) << kLowBits | low}, timestamp_byte(made, info_of(options))};
}

std::optional<CookieGrant> SynCookies::check(const CookieFlow& flow, SeqNum iss, SeqNum irs,
                                             std::optional<std::uint32_t> echo, Instant now) {
  follow(now);
  const unsigned slot = iss.value() >> kCodeBits & 1;
  if (auto grant = check_with(prefix(slot, making_[slot], flow), flow, iss, irs, echo)) return grant;
  if (!secrets_.accepted) return {};
  return check_with(prefix(2 + slot, accepted_[slot], flow), flow, iss, irs, echo);
}

std::optional<CookieGrant> SynCookies::check_with(const SipPrefix24& prefix, const CookieFlow& flow, SeqNum iss,
                                                  SeqNum irs, std::optional<std::uint32_t> echo) const {
  const unsigned low = iss.value() & ((1U << kLowBits) - 1);
  const unsigned code = low & ((1U << kCodeBits) - 1);
  if (code >= kCodes) return {};
  const std::uint64_t made = hash(prefix, flow, irs, low);
  if (mac_of(made) != iss.value() >> kLowBits) return {};
  CookieGrant grant{meaning(flow, code), made};
  if (echo && !read_timestamp(made, *echo, grant.options)) return {};
  return grant;
}

const SipPrefix24& SynCookies::prefix(unsigned which, const SipKey& key, const CookieFlow& flow) {
  OfListener& kept = prefixes_[which];
  if (kept.port != flow.local_port || kept.address != flow.local)
    kept = {flow.local, flow.local_port, prefix_of(key, flow)};
  return kept.prefix;
}

std::uint32_t SynCookies::stamp(std::uint32_t timestamp, std::uint8_t byte) {
  const std::uint32_t stamped = (timestamp & ~0xffU) | byte;
  return stamped - timestamp <= 0xff && stamped != timestamp ? stamped - 0x100 : stamped;
}

}  // namespace weir::tcp
