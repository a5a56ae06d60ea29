#include <weir/nic/huge_pages.h>

#include <charconv>
#include <fstream>
#include <string>

namespace weir::nic {

namespace {

// "hugepages-2048kB" -> bytes.
std::uint64_t page_bytes(const std::string& name) {
  constexpr std::string_view kPrefix = "hugepages-";
  if (!name.starts_with(kPrefix)) return 0;
  std::uint64_t kilobytes = 0;
  std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), kilobytes);
  return kilobytes * 1024;
}

}  // namespace

std::uint64_t free_huge_page_bytes(const std::filesystem::path& path) {
  std::uint64_t sum = 0;
  std::error_code error;
  for (const auto& size : std::filesystem::directory_iterator(path, error)) {
    std::uint64_t pages = 0;
    std::ifstream(size.path() / "free_hugepages") >> pages;
    sum += pages * page_bytes(size.path().filename());
  }
  return sum;
}

}  // namespace weir::nic
