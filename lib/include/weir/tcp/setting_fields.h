// The settings of TCP by name: one table from which the configuration's [tcp], the test harness and their messages
// are made, so that they cannot drift apart. Not for the packet path.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <weir/tcp/settings.h>

namespace weir::tcp {

enum class SettingKind : std::uint8_t {
  kFlag,          // 0 or 1
  kNumber,        // of what the key's end says: _bytes, _segments, or a plain count
  kMilliseconds,  // keys end in _ms
  kChoice,        // an index into `choices`
};

struct SettingField {
  std::string_view key;  // as in [tcp] of the configuration
  SettingKind kind = SettingKind::kNumber;
  std::int64_t least = 0, most = 0;  // both allowed
  std::int64_t (*get)(const Settings&) = nullptr;
  void (*set)(Settings&, std::int64_t) = nullptr;  // the value lies within least and most
  std::span<const std::string_view> choices{};
};

std::span<const SettingField> setting_fields();
const SettingField* find_setting(std::string_view key);  // nullptr: there is none

// Sets a field from text: a number, "true" or "false", or one of its choices. False, and nothing changed, when the
// text is none of these or out of range.
[[nodiscard]] bool set_from_text(const SettingField& field, Settings& settings, std::string_view text);
// As set_from_text() reads it.
std::string to_text(const SettingField& field, const Settings& settings);

}  // namespace weir::tcp
