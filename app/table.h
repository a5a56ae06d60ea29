// A table for a terminal: columns as wide as what is in them, numbers to the right.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir::app {

class Table {
 public:
  explicit Table(std::vector<std::string> titles) : titles_(std::move(titles)) {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }  // as many as there are titles
  bool is_empty() const { return rows_.empty(); }
  std::string to_string() const;  // each line indented by two blanks

 private:
  std::vector<std::string> titles_;
  std::vector<std::vector<std::string>> rows_;
};

std::string human_bytes(std::uint64_t bytes);  // "17.2 MiB"
std::string human_seconds(double seconds);     // "3 d 4 h", "12 s"

}  // namespace weir::app
