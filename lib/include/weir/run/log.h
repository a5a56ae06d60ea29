// Where a process says what people may want to know: memory, EAL, what each port does itself, links that come and go.
#pragma once

#include <string_view>

#include <weir/run/process_config.h>

namespace weir::run {

// "weir: LINE" on stderr.
void print_line(void* context, LogLevel level, std::string_view line);

// Called with one line at a time, without its end, on the thread that made the Process or runs it; never by a worker.
// Lines below ProcessConfig::log_level
// are left out, unless ProcessOptions::verbose.
struct LogHook {
  void (*line)(void* context, LogLevel level, std::string_view line) = &print_line;  // nullptr: silence
  void* context = nullptr;
};

}  // namespace weir::run
