// Huge pages of the machine, as the kernel tells them.
#pragma once

#include <cstdint>
#include <filesystem>

namespace weir::nic {

inline constexpr const char* kHugePagesPath = "/sys/kernel/mm/hugepages";

// Bytes in free huge pages of every size; 0 where the kernel has none.
std::uint64_t free_huge_page_bytes(const std::filesystem::path& path = kHugePagesPath);

}  // namespace weir::nic
