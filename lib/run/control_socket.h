// Making and reaching the UNIX socket.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include <sys/un.h>
#include <unistd.h>

namespace weir::run {

// Closes what it holds.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// Throws when the path is longer than the kernel takes.
sockaddr_un unix_address(const std::filesystem::path& path);

// A listening socket at `path` and the lock (PATH.lock) that says its process is alive.
struct ControlListener {
  FileDescriptor lock;
  FileDescriptor socket;
};
ControlListener listen_at(const std::filesystem::path& path);

}  // namespace weir::run
