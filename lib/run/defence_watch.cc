#include "defence_watch.h"

#include <fmt/format.h>

#include "top_sources.h"

namespace weir::run {

namespace {

// "198.51.100.0/24 (15000 SYNs/s), ..."; empty while none is known.
std::string sources_of(const stack::DefenceStatus& listener) {
  std::string text;
  auto sources = top_sources_of({listener});
  if (sources.size() > DefenceWatch::kSources) sources.resize(DefenceWatch::kSources);
  for (const SourceRate& one : sources)
    text += fmt::format("{}{} ({} SYNs/s)", text.empty() ? "" : ", ", one.prefix.to_string(), one.syns);
  return text;
}

std::string name_of(unsigned worker, const stack::DefenceStatus& listener) {
  return fmt::format("listener {}, worker {}", listener.listen.to_string(), worker);
}

DefenceWatch::Line describe(unsigned worker, stack::DefenceState before, const stack::DefenceStatus& now,
                            const std::string& sources) {
  const bool is_worse = now.state > before;
  return {is_worse ? LogLevel::kWarning : LogLevel::kInfo,
          fmt::format("{}: {} -> {} ({}), {} handshakes under way, {} SYNs/s{}{}", name_of(worker, now),
                      to_string(before), to_string(now.state), to_string(now.reason), now.half_open, now.syns,
                      is_worse && !sources.empty() ? ", largest sources: " + sources : "",
                      now.use == tcp::SynCookieUse::kDryRun ? "; dry run: nothing is done about it" : "")};
}

}  // namespace

std::vector<DefenceWatch::Line> DefenceWatch::look(unsigned worker,
                                                   const std::vector<stack::DefenceStatus>& listeners) {
  std::vector<Line> lines;
  for (const stack::DefenceStatus& now : listeners) {
    Known& known = known_[{worker, now.listen}];
    const stack::DefenceState before = std::exchange(known.state, now.state);
    const std::string sources = sources_of(now);
    if (now.state != before && now.reason != stack::DefenceReason::kConfigured) {
      lines.push_back(describe(worker, before, now, sources));
      known.owes_sources = now.state > before && sources.empty();
    } else if (known.owes_sources && !sources.empty()) {
      lines.push_back(
          {LogLevel::kWarning, fmt::format("{}: largest sources of SYNs: {}", name_of(worker, now), sources)});
      known.owes_sources = false;
    }
  }
  return lines;
}

}  // namespace weir::run
