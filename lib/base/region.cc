#include <weir/base/region.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>
#include <utility>

namespace weir {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr unsigned kHugePageSize = 21U << 26;  // MFD_HUGE_2MB of <linux/memfd.h>, which quarrels with <sys/mman.h>

std::size_t round_up(std::size_t bytes, std::size_t unit) {
  return (std::max(bytes, unit) + unit - 1) / unit * unit;
}

// The number that a one-line file holds; `otherwise` when there is none ("max" in a control group, no such file).
std::uint64_t number_in(const char* path, std::uint64_t otherwise) {
  std::ifstream file{path};
  std::uint64_t value = 0;
  return file >> value ? value : otherwise;
}

std::uint64_t free_huge_pages() {
  const std::uint64_t free = number_in("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", 0);
  const std::uint64_t promised = number_in("/sys/kernel/mm/hugepages/hugepages-2048kB/resv_hugepages", 0);
  return free > promised ? free - promised : 0;
}

std::uint64_t available_on_machine() {
  std::ifstream file{"/proc/meminfo"};
  std::string name, unit;
  for (std::uint64_t kib = 0; file >> name >> kib; std::getline(file, unit)) {
    if (name == "MemAvailable:") return kib * 1024;
  }
  return std::numeric_limits<std::uint64_t>::max();
}

std::uint64_t available_in_container() {
  constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t limit = number_in("/sys/fs/cgroup/memory.max", kUnlimited);
  const std::uint64_t used = number_in("/sys/fs/cgroup/memory.current", 0);
  return limit == kUnlimited ? kUnlimited : limit - std::min(used, limit);
}

std::string mebibytes(std::uint64_t bytes) {
  return std::to_string((bytes + (1U << 20) - 1) >> 20) + " MiB";
}

[[noreturn]] void fail(const char* name, std::size_t bytes, const std::string& reason, const std::string& remedy) {
  throw OutOfMemory("no memory for '" + std::string{name} + "' (" + mebibytes(bytes) + "): " + reason + ". " + remedy);
}

[[noreturn]] void fail_for_lack(const char* name, std::size_t bytes, const std::string& reason) {
  fail(name, bytes, reason,
       "Lower the table sizes in the configuration, or give the machine (or the container) more memory; "
       "huge pages can be set aside with: sysctl vm.nr_hugepages=" +
           std::to_string(round_up(bytes, kHugePage) / kHugePage));
}

// The kernel would kill us later for pages it promised and has not got, so ask first.
void require_available(const char* name, std::size_t bytes) {
  const std::uint64_t available = available_memory();
  if (bytes > available) fail_for_lack(name, bytes, "only " + mebibytes(available) + " are available");
}

struct Mapping {
  int fd = -1;
  void* data = MAP_FAILED;
};

// Takes every page now: a lack shows here and not as a fault in the packet path.
Mapping map(const char* name, std::size_t bytes, unsigned flags) {
  Mapping mapping{.fd = memfd_create(name, MFD_CLOEXEC | flags)};
  if (mapping.fd < 0) return mapping;
  if (fallocate(mapping.fd, 0, 0, static_cast<off_t>(bytes)) == 0) {
    mapping.data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, mapping.fd, 0);
  }
  if (mapping.data == MAP_FAILED) {
    const int error = errno;
    close(std::exchange(mapping.fd, -1));
    errno = error;
  }
  return mapping;
}

}  // namespace

std::uint64_t available_memory() {
  return std::min(available_on_machine(), available_in_container());
}

Region::Region(const char* name, std::size_t bytes) : bytes_(bytes) {
  Mapping mapping;
  if (bytes >= kHugePage && round_up(bytes, kHugePage) / kHugePage <= free_huge_pages()) {
    mapped_ = round_up(bytes, kHugePage);
    mapping = map(name, mapped_, MFD_HUGETLB | kHugePageSize);
    huge_ = mapping.data != MAP_FAILED;
  }
  if (!huge_) {
    if (bytes >= kHugePage) require_available(name, bytes);
    mapped_ = round_up(bytes, kPage);
    mapping = map(name, mapped_, 0);
  }
  if (mapping.data == MAP_FAILED && errno == EMFILE) {
    fail(name, bytes, "too many open files", "Allow more with: ulimit -n 65536");
  }
  if (mapping.data == MAP_FAILED) fail_for_lack(name, bytes, std::strerror(errno));
  data_ = mapping.data;
  fd_ = mapping.fd;
}

Region::~Region() {
  if (data_ != nullptr) munmap(data_, mapped_);
  if (fd_ >= 0) close(fd_);
}

Region::Region(Region&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      bytes_(std::exchange(other.bytes_, 0)),
      mapped_(std::exchange(other.mapped_, 0)),
      fd_(std::exchange(other.fd_, -1)),
      huge_(std::exchange(other.huge_, false)) {}

}  // namespace weir
