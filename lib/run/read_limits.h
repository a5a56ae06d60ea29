// [limits], and the table `limits` of a [[service]] or [[server]].
#pragma once

#include <weir/stack/limits.h>

#include "table_reader.h"

namespace weir::run {

// More than so many connections are never open, and why.
struct LimitsBound {
  std::uint32_t connections;
  std::string_view because;
};

// What [limits] says, for all: each service is counted for itself.
struct CommonLimits {
  stack::Limits limits;
  LimitsBound bound;
};

CommonLimits read_common_limits(TableReader& top, const LimitsBound& bound);
// What the table does not say is as `common` has it; lists are its own, all of them, as soon as it names one.
stack::Limits read_own_limits(TableReader& parent, const CommonLimits& common);

// The keys allow, allow_file, deny and deny_file; nothing where none of them is there.
std::shared_ptr<const PrefixList> read_lists(TableReader& limits);

}  // namespace weir::run
