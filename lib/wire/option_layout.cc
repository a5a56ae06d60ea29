#include <weir/wire/option_layout.h>

#include <algorithm>

namespace weir::wire {

namespace {

struct Name {
  OptionKind kind;
  std::string_view text;
};
constexpr std::array kNames{Name{OptionKind::kEnd, "eol"},
                            Name{OptionKind::kNop, "nop"},
                            Name{OptionKind::kMss, "mss"},
                            Name{OptionKind::kWindowScale, "wscale"},
                            Name{OptionKind::kSackPermitted, "sackOK"},
                            Name{OptionKind::kTimestamps, "TS"}};

bool may_follow(const OptionLayout& layout, OptionKind kind) {
  const auto end = layout.kinds.begin() + layout.count;
  if (std::find(layout.kinds.begin(), end, OptionKind::kEnd) != end) return false;
  const auto times = std::count(layout.kinds.begin(), end, kind);
  return times < (kind == OptionKind::kNop ? std::int64_t{OptionLayout::kNopsMax} : 1);
}

}  // namespace

std::optional<OptionLayout> OptionLayout::parse(std::string_view text) {
  OptionLayout layout;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const auto name = std::ranges::find(kNames, text.substr(0, comma), &Name::text);
    if (name == kNames.end() || !may_follow(layout, name->kind)) return {};
    layout.kinds[layout.count++] = name->kind;
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return layout;
}

std::string OptionLayout::to_string() const {
  std::string text;
  for (unsigned i = 0; i < count; ++i) {
    if (i > 0) text += ',';
    text += std::ranges::find(kNames, kinds[i], &Name::kind)->text;
  }
  return text;
}

}  // namespace weir::wire
