#include <weir/run/control_server.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "control_socket.h"

namespace weir::run {
namespace {

constexpr std::size_t kAnswerBytesMax = 64 << 20;

const char* remedy_for(int error) {
  switch (error) {
    case ENOENT:
    case ECONNREFUSED:
      return "no such process runs: start it, or choose another by --name or --socket (`ls /run/weir`)";
    case EACCES:
    case EPERM:
      return "run weir ctl as the user that runs the process, mostly root";
    case EAGAIN:
      return "the process does not answer: see whether it still runs";
    default:
      return "see whether the process still runs";
  }
}

[[noreturn]] void fail(const std::filesystem::path& path) {
  throw std::runtime_error(fmt::format("{}: {}; {}", path.string(), std::strerror(errno), remedy_for(errno)));
}

timeval as_timeval(std::chrono::milliseconds time) {
  return {static_cast<time_t>(time.count() / 1000), static_cast<suseconds_t>(time.count() % 1000 * 1000)};
}

void send_all(int socket, std::string_view text, const std::filesystem::path& path) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) fail(path);
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::size_t receive_some(int socket, std::string& into, const std::filesystem::path& path) {
  char bytes[16384];
  ssize_t received;
  do received = ::recv(socket, bytes, sizeof bytes, 0);
  while (received < 0 && errno == EINTR);
  if (received < 0) fail(path);
  into.append(bytes, static_cast<std::size_t>(received));
  return static_cast<std::size_t>(received);
}

}  // namespace

ControlClient::ControlClient(const std::filesystem::path& path, std::chrono::milliseconds patience) : path_(path) {
  const sockaddr_un address = unix_address(path);
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval timeout = as_timeval(patience);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail(path_);
  socket_ = socket.release();
}

ControlClient::~ControlClient() {
  ::close(socket_);
}

std::string ControlClient::ask(std::string_view request) {
  send_all(socket_, std::string(request) + "\n", path_);
  std::size_t end;
  while ((end = received_.find('\n')) == std::string::npos) {
    if (receive_some(socket_, received_, path_) == 0) {
      throw std::runtime_error(path_.string() + ": closed without an answer; see whether the process still runs");
    }
    if (received_.size() > kAnswerBytesMax) throw std::runtime_error(path_.string() + ": an answer without end");
  }
  std::string answer = received_.substr(0, end);
  received_.erase(0, end + 1);
  return answer;
}

}  // namespace weir::run
