#include "defence_watch.h"

#include <fmt/format.h>

namespace weir::run {

namespace {

DefenceWatch::Line describe(unsigned worker, stack::DefenceState before, const stack::DefenceStatus& now) {
  const bool is_worse = now.state > before;
  return {
      is_worse ? LogLevel::kWarning : LogLevel::kInfo,
      fmt::format("listener {}, worker {}: {} -> {} ({}), {} handshakes under way, {} SYNs/s{}", now.listen.to_string(),
                  worker, to_string(before), to_string(now.state), to_string(now.reason), now.half_open, now.syns,
                  now.use == tcp::SynCookieUse::kDryRun ? "; dry run: nothing is done about it" : "")};
}

}  // namespace

std::vector<DefenceWatch::Line> DefenceWatch::look(unsigned worker,
                                                   const std::vector<stack::DefenceStatus>& listeners) {
  std::vector<Line> lines;
  for (const stack::DefenceStatus& now : listeners) {
    const bool is_told = now.reason == stack::DefenceReason::kConfigured;
    stack::DefenceState& known = known_[{worker, now.listen}];
    if (now.state != known && !is_told) lines.push_back(describe(worker, known, now));
    known = now.state;
  }
  return lines;
}

}  // namespace weir::run
