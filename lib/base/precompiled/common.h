// What nearly every source includes, compiled once per part (meson's b_pch): four fifths of the time of a compilation
// went into these. Parts of a few sources do without: each costs 100 MB of disk. No source may rely on it: the clang
// build is done without.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <rte_mbuf.h>
