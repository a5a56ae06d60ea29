#include "control_socket.h"

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace weir::run {
namespace {

constexpr mode_t kOwnerOnly = 0600;
constexpr int kBacklog = 16;

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view doing, std::string_view remedy) {
  throw std::runtime_error(
      fmt::format("control socket {}: {}: {}; {}", path.string(), doing, std::strerror(errno), remedy));
}

void make_directory(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (!error) return;
  errno = error.value();
  fail(path, "cannot make its directory", "run as root, or set control_socket to a path that you may write");
}

// The kernel lets go of the lock when its process dies, however that happens.
FileDescriptor take_lock(const std::filesystem::path& path) {
  const std::string name = path.string() + ".lock";
  FileDescriptor lock(::open(name.c_str(), O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, kOwnerOnly));
  if (!lock) fail(path, "cannot make " + name, "run as root, or set control_socket to a path that you may write");
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  throw std::runtime_error(
      fmt::format("control socket {}: another process holds it; stop that one (`weir ctl --socket {} stop`), or give "
                  "this one another "
                  "name",
                  path.string(), path.string()));
}

void remove_stale(const std::filesystem::path& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return;
  if (!S_ISSOCK(found.st_mode)) {
    errno = EEXIST;
    fail(path, "something else lies there", "remove it, or set control_socket to another path");
  }
  ::unlink(path.c_str());
}

FileDescriptor bind_at(const std::filesystem::path& path) {
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) fail(path, "cannot make a socket", "raise the limit of open files (ulimit -n)");
  ::fchmod(socket.get(), kOwnerOnly);  // before bind(): there is no moment with another mode
  const sockaddr_un address = unix_address(path);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket.get(), kBacklog) != 0) {
    fail(path, "cannot listen", "set control_socket to a path that you may write");
  }
  return socket;
}

}  // namespace

sockaddr_un unix_address(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string text = path.string();
  if (text.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    fail(path, "cannot be used", fmt::format("use a path of at most {} bytes", sizeof address.sun_path - 1));
  }
  text.copy(address.sun_path, text.size());
  return address;
}

ControlListener listen_at(const std::filesystem::path& path) {
  make_directory(path);
  ControlListener listener{take_lock(path), {}};
  remove_stale(path);
  listener.socket = bind_at(path);
  return listener;
}

}  // namespace weir::run
