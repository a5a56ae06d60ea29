#include "log_capture.h"

#include <mutex>

#include <rte_log.h>

namespace weir::nic {

namespace {

constexpr std::size_t kKeptBytesMax = 16384;
constexpr unsigned kQuotedLinesMax = 6;

struct Sink {
  std::mutex mutex;
  std::string kept;
  bool pass_on = false;
};

Sink& sink() {
  static Sink instance;
  return instance;
}

ssize_t keep(void*, const char* text, std::size_t length) {
  const std::lock_guard lock(sink().mutex);
  if (sink().kept.size() < kKeptBytesMax) sink().kept.append(text, length);
  if (sink().pass_on) std::fwrite(text, 1, length, stderr);
  return static_cast<ssize_t>(length);
}

// Never closed: another thread may be about to write to it when a capture ends.
std::FILE* stream() {
  static std::FILE* const instance = [] {
    cookie_io_functions_t functions{};
    functions.write = keep;
    std::FILE* file = fopencookie(nullptr, "w", functions);
    setvbuf(file, nullptr, _IOLBF, 1024);
    return file;
  }();
  return instance;
}

// Where EAL has not started, its stream is yet to be made: it is asked for as "none".
std::FILE* stream_so_far() {
  std::FILE* file = rte_log_get_stream();
  return file == stderr ? nullptr : file;
}

}  // namespace

LogCapture::LogCapture(bool pass_on) : previous_(stream_so_far()) {
  const std::lock_guard lock(sink().mutex);
  sink().kept.clear();
  sink().pass_on = pass_on;
  rte_openlog_stream(stream());
}

LogCapture::~LogCapture() {
  rte_openlog_stream(previous_);
}

std::string LogCapture::quote() const {
  std::fflush(stream());
  const std::lock_guard lock(sink().mutex);
  std::string text = sink().kept;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if (text.empty()) return "";
  std::size_t from = text.size();
  for (unsigned lines = 0; lines < kQuotedLinesMax && from != std::string::npos && from != 0; ++lines)
    from = text.rfind('\n', from - 1);
  text = from == std::string::npos || from == 0 ? text : text.substr(from + 1);
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 5) text.replace(at, 1, "\n    ");
  return "\n    " + text;
}

}  // namespace weir::nic
