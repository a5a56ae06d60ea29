#include <charconv>
#include <cmath>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "path.h"

namespace weir::link {
namespace {

double number(std::string_view word, std::string_view value, double most) {
  double parsed = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
  if (error != std::errc{} || end != value.data() + value.size() || !(parsed >= 0 && parsed <= most)) {
    throw std::invalid_argument(std::string(word) + ": a number from 0 to " + std::to_string(most));
  }
  return parsed;
}

Duration milliseconds_of(double value) {
  return Duration{std::llround(value * 1e6)};
}

void set(PathSettings& path, std::string_view key, std::string_view value) {
  const auto up_to = [&](double most) { return number(key, value, most); };
  if (key == "rate") {
    path.rate_mbit = up_to(100000);
  } else if (key == "delay") {
    path.delay = milliseconds_of(up_to(10000));
  } else if (key == "queue") {
    path.queue_packets = static_cast<std::uint32_t>(up_to(30000));
  } else if (key == "loss") {
    path.loss_percent = up_to(100);
  } else if (key == "burst") {
    path.burst_packets = up_to(1000);
  } else if (key == "reorder") {
    path.reorder_percent = up_to(100);
  } else if (key == "late") {
    path.late = milliseconds_of(up_to(10000));
  } else if (key == "duplicate") {
    path.duplicate_percent = up_to(100);
  } else if (key == "mark") {
    path.mark_percent = up_to(100);
  } else {
    throw std::invalid_argument("no such property of a path: " + std::string(key));
  }
}

void check(const PathSettings& path) {
  if (path.burst_packets != 0 && path.burst_packets < 1) throw std::invalid_argument("burst: 1 packet or more");
  // A burst begins at most at every packet that is not lost.
  if (path.burst_packets != 0 && path.loss_percent > 100.0 * path.burst_packets / (path.burst_packets + 1)) {
    throw std::invalid_argument("loss: bursts so short cannot lose so much");
  }
}

}  // namespace

PathSettings parse_path(const std::string& text) {
  PathSettings path;
  std::istringstream properties(text);
  for (std::string property; std::getline(properties, property, ',');) {
    const auto equals = property.find('=');
    if (equals == std::string_view::npos) {
      throw std::invalid_argument("KEY=NUMBER is wanted, not " + property);
    }
    set(path, property.substr(0, equals), property.substr(equals + 1));
  }
  check(path);
  return path;
}

}  // namespace weir::link
