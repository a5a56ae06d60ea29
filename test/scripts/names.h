// Words of scripts and what they stand for.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "script.h"

namespace weir::scripts {

struct Named {
  const char* name;
  std::int64_t value;
};

template <typename List>
std::int64_t value_of(const List& list, const std::string& name) {
  const auto found = std::ranges::find_if(list, [&](const Named& one) { return name == one.name; });
  if (found == list.end()) throw ScriptError("no such name: " + name);
  return found->value;
}

}  // namespace weir::scripts
