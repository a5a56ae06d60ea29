// TCP's settings, and what else an application may choose, as the input says.
#pragma once

#include <weir/stack/host.h>

#include "input.h"

namespace weir::fuzz {

// Some settings changed, each within the bounds that the configuration allows.
tcp::Settings settings_from(Input& input);
// One option or several, some of them out of their range.
stack::ConnectionOptions options_from(Input& input);
// Small tables, so that each of them can be filled.
stack::HostConfig host_from(Input& input);

}  // namespace weir::fuzz
