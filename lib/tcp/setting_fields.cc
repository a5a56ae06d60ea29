#include <weir/tcp/setting_fields.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <type_traits>

namespace weir::tcp {

namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kBufferMax = 1 << 30;  // RFC 7323 §2.3: windows of at most 2^30

template <auto kMember>
std::int64_t read(const Settings& settings) {
  using Value = std::remove_cvref_t<decltype(settings.*kMember)>;
  if constexpr (std::is_same_v<Value, milliseconds>) {
    return (settings.*kMember).count();
  } else {
    return static_cast<std::int64_t>(settings.*kMember);
  }
}

template <auto kMember>
void write(Settings& settings, std::int64_t value) {
  using Value = std::remove_cvref_t<decltype(settings.*kMember)>;
  settings.*kMember = static_cast<Value>(value);
}

template <auto kMember>
constexpr SettingField milliseconds_of(std::string_view key, std::int64_t least, std::int64_t most) {
  return {key, SettingKind::kMilliseconds, least, most, read<kMember>, write<kMember>, {}};
}

template <auto kMember>
constexpr SettingField number_of(std::string_view key, std::int64_t least, std::int64_t most) {
  return {key, SettingKind::kNumber, least, most, read<kMember>, write<kMember>, {}};
}

template <auto kMember>
constexpr SettingField flag_of(std::string_view key) {
  return {key, SettingKind::kFlag, 0, 1, read<kMember>, write<kMember>, {}};
}

// `choices` in the order of the enumeration's values.
template <auto kMember>
constexpr SettingField choice_of(std::string_view key, std::span<const std::string_view> choices) {
  const auto last = static_cast<std::int64_t>(choices.size()) - 1;
  return {key, SettingKind::kChoice, 0, last, read<kMember>, write<kMember>, choices};
}

constexpr std::array<std::string_view, 2> kCongestionControls{"cubic", "newreno"};
constexpr std::array<std::string_view, 3> kEcnModes{"off", "accept", "on"};
constexpr std::array<std::string_view, 4> kSynCookieUses{"off", "auto", "always", "dry-run"};

constexpr std::array kFields{
    // timers
    milliseconds_of<&Settings::rto_initial>("rto_initial_ms", 10, 60'000),
    milliseconds_of<&Settings::rto_min>("rto_min_ms", 5, 60'000),
    milliseconds_of<&Settings::rto_max>("rto_max_ms", 100, 600'000),
    milliseconds_of<&Settings::rto_after_lost_syn>("rto_after_lost_syn_ms", 0, 60'000),
    milliseconds_of<&Settings::delayed_ack>("delayed_ack_ms", 0, 499),  // < 500 ms: MUST-40
    milliseconds_of<&Settings::msl>("msl_ms", 1, 120'000),              // RFC 9293 §3.4.2: 2 minutes
    milliseconds_of<&Settings::keepalive_idle>("keepalive_idle_ms", 1000, 24 * kHourMs),
    milliseconds_of<&Settings::keepalive_interval>("keepalive_interval_ms", 100, kHourMs),
    milliseconds_of<&Settings::user_timeout>("user_timeout_ms", 0, 24 * kHourMs),
    milliseconds_of<&Settings::fin_wait_2_timeout>("fin_wait_2_timeout_ms", 100, kHourMs),
    milliseconds_of<&Settings::persist_max>("persist_max_ms", 100, kHourMs),
    milliseconds_of<&Settings::challenge_ack_interval>("challenge_ack_interval_ms", 0, 60'000),
    milliseconds_of<&Settings::linger>("linger_ms", -1, kHourMs),
    milliseconds_of<&Settings::zero_window_limit>("zero_window_limit_ms", 0, 24 * kHourMs),
    milliseconds_of<&Settings::zero_window_limit_pressed>("zero_window_limit_pressed_ms", 0, 24 * kHourMs),
    milliseconds_of<&Settings::path_mtu_life>("path_mtu_life_ms", 1000, 24 * kHourMs),
    // retries
    number_of<&Settings::syn_retries>("syn_retries", 0, 12),
    number_of<&Settings::syn_ack_retries>("syn_ack_retries", 0, 12),
    number_of<&Settings::data_retries>("data_retries", 1, 30),
    number_of<&Settings::black_hole_retries>("black_hole_retries", 0, 15),
    number_of<&Settings::r1_retries>("r1_retries", 1, 30),
    number_of<&Settings::keepalive_probes>("keepalive_probes", 1, 100),
    // sizes
    number_of<&Settings::send_buffer_initial>("send_buffer_initial_bytes", 4096, kBufferMax),
    number_of<&Settings::send_buffer>("send_buffer_bytes", 4096, kBufferMax),
    number_of<&Settings::notsent_lowat>("notsent_lowat_bytes", 0, kBufferMax),
    number_of<&Settings::receive_buffer_initial>("receive_buffer_initial_bytes", 4096, kBufferMax),
    number_of<&Settings::receive_buffer>("receive_buffer_bytes", 4096, kBufferMax),
    number_of<&Settings::mss>("mss_bytes", 0, 9216),
    number_of<&Settings::peer_mss_min>("peer_mss_min_bytes", 48, 1220),
    number_of<&Settings::peer_mss_max>("peer_mss_max_bytes", 0, 9216),
    number_of<&Settings::window_scale_shift>("window_scale_shift", -1, 14),
    number_of<&Settings::quick_acks>("quick_acks", 0, 15),
    number_of<&Settings::initial_window>("initial_window_segments", 1, 100),
    number_of<&Settings::slow_start_segments>("slow_start_segments", 0, 64),
    choice_of<&Settings::congestion_control>("congestion_control", kCongestionControls),
    choice_of<&Settings::ecn>("ecn", kEcnModes),
    number_of<&Settings::ttl>("ttl", 1, 255),
    number_of<&Settings::dscp>("dscp", 0, 63),
    // floods
    choice_of<&Settings::syn_cookies>("syn_cookies", kSynCookieUses),
    number_of<&Settings::syn_cautious_percent>("syn_cautious_percent", 1, 100),
    number_of<&Settings::syn_attacked_percent>("syn_attacked_percent", 1, 100),
    number_of<&Settings::syn_failed_percent>("syn_failed_percent", 1, 100),
    number_of<&Settings::syn_rate>("syn_rate", 1, 100'000'000),
    milliseconds_of<&Settings::syn_calm>("syn_calm_ms", 100, kHourMs),
    // switches
    flag_of<&Settings::nagle>("nagle"),
    flag_of<&Settings::keepalive>("keepalive"),
    flag_of<&Settings::timestamps>("timestamps"),
    flag_of<&Settings::sack>("sack"),
    flag_of<&Settings::window_scale>("window_scale"),
    flag_of<&Settings::rack>("rack"),
    flag_of<&Settings::tail_loss_probe>("tail_loss_probe"),
    flag_of<&Settings::undo_spurious>("undo_spurious"),
    flag_of<&Settings::rfc1337>("rfc1337"),
    flag_of<&Settings::hystart>("hystart"),
    flag_of<&Settings::pacing>("pacing"),
    flag_of<&Settings::probe_with_data>("probe_with_data"),
    flag_of<&Settings::drop_missing_timestamps>("drop_missing_timestamps"),
    flag_of<&Settings::error_reports>("error_reports"),
    flag_of<&Settings::close_with_peer>("close_with_peer"),
    flag_of<&Settings::soft_errors_fail_connect>("soft_errors_fail_connect"),
};

std::optional<std::int64_t> integer(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return {};
  return value;
}

std::optional<std::int64_t> meaning(const SettingField& field, std::string_view text) {
  switch (field.kind) {
    case SettingKind::kFlag:
      if (text == "true") return 1;
      if (text == "false") return 0;
      return {};
    case SettingKind::kChoice: {
      const auto found = std::ranges::find(field.choices, text);
      if (found == field.choices.end()) return {};
      return found - field.choices.begin();
    }
    default:
      return integer(text);
  }
}

}  // namespace

std::span<const SettingField> setting_fields() {
  return kFields;
}

const SettingField* find_setting(std::string_view key) {
  const auto found = std::ranges::find(kFields, key, &SettingField::key);
  return found == kFields.end() ? nullptr : &*found;
}

bool set_from_text(const SettingField& field, Settings& settings, std::string_view text) {
  const auto value = meaning(field, text);
  if (!value || *value < field.least || *value > field.most) return false;
  field.set(settings, *value);
  return true;
}

std::string to_text(const SettingField& field, const Settings& settings) {
  const std::int64_t value = field.get(settings);
  if (field.kind == SettingKind::kFlag) return value != 0 ? "true" : "false";
  if (field.kind == SettingKind::kChoice) return std::string{field.choices[static_cast<std::size_t>(value)]};
  return std::to_string(value);
}

}  // namespace weir::tcp
