// Tells when a listener's defence against floods changes its state, one line each time, and where the SYNs come from:
// in that line if it is known by then, else once in another.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <weir/run/log.h>
#include <weir/stack/defence.h>

namespace weir::run {

class DefenceWatch {
 public:
  static constexpr std::size_t kSources = 2;  // named in a line

  struct Line {
    LogLevel level = LogLevel::kInfo;
    std::string text;
  };
  // Of the listeners of `worker` whose state is another than at the last look. What came and went in between is not
  // seen.
  std::vector<Line> look(unsigned worker, const std::vector<stack::DefenceStatus>& listeners);

 private:
  struct Known {
    stack::DefenceState state = stack::DefenceState::kQuiet;
    bool owes_sources = false;
  };
  std::map<std::pair<unsigned, Endpoint>, Known> known_;
};

}  // namespace weir::run
