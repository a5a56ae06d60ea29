// What is wrong in a configuration file, gathered while it is read.
#pragma once

#include <string>
#include <vector>

#include <weir/run/config.h>

namespace weir::run {

// Where in the file something stands.
struct Place {
  unsigned line = 0;
  std::string field;
};

template <typename T>
struct Placed {
  T value;
  Place place;
};

class Problems {
 public:
  void add(const Place& place, std::string message, std::string remedy) {
    found_.push_back({place.line, place.field, std::move(message), std::move(remedy)});
  }
  bool is_empty() const { return found_.empty(); }
  // Throws ConfigError with all of them, if there are any.
  void raise(const std::string& file);

 private:
  std::vector<ConfigProblem> found_;
};

}  // namespace weir::run
