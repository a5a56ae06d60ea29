// Tells when a listener's defence against floods changes its state: one line each time.
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
  struct Line {
    LogLevel level = LogLevel::kInfo;
    std::string text;
  };
  // One line for each listener of `worker` whose state is another than at the last look. What came and went in between
  // is not seen.
  std::vector<Line> look(unsigned worker, const std::vector<stack::DefenceStatus>& listeners);

 private:
  std::map<std::pair<unsigned, Endpoint>, stack::DefenceState> known_;
};

}  // namespace weir::run
