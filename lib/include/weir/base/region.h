// Memory of our own with a name: a memfd mapping, on huge pages where there are any. Large tables live in
// regions so that a successor process can be handed the descriptor and map the same state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <weir/base/error.h>

namespace weir {

// Thrown at start only; what() names the region, its size and what to type.
class OutOfMemory : public Error {
 public:
  using Error::Error;
};

// Bytes of ordinary memory that could be taken now, on this machine and in this container.
std::uint64_t available_memory();

class Region {
 public:
  // Zero-filled, 64-byte aligned at least. Throws OutOfMemory.
  Region(const char* name, std::size_t bytes);
  ~Region();
  Region(Region&& other) noexcept;
  Region& operator=(Region&&) = delete;

  void* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }
  bool on_huge_pages() const { return huge_; }
  int descriptor() const { return fd_; }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
  std::size_t mapped_ = 0;
  int fd_ = -1;
  bool huge_ = false;
};

}  // namespace weir
