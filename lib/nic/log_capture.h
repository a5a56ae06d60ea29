// Keeps what DPDK logs while something is tried, so that a failure can quote it.
#pragma once

#include <cstdio>
#include <string>

namespace weir::nic {

// One at a time, on one thread; other threads of DPDK may log meanwhile.
class LogCapture {
 public:
  explicit LogCapture(bool pass_on = false);  // to stderr as well
  ~LogCapture();
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  // The last few lines, indented, each on a line of its own after a newline; empty when nothing was said.
  std::string quote() const;

 private:
  std::FILE* previous_;
};

}  // namespace weir::nic
