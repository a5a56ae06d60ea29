#include "control_peer.h"

#include <cerrno>

#include <poll.h>
#include <sys/socket.h>

namespace weir::run {
namespace {

bool is_passing(int error) {
  return error == EAGAIN || error == EINTR;
}

}  // namespace

short ControlPeer::awaited() const {
  return unsent_.empty() ? POLLIN : POLLOUT;
}

bool ControlPeer::on_ready(const ControlServer::Handler& handler, Clock::time_point now) {
  const bool was_answering = !unsent_.empty();
  if (!(was_answering ? write() : read())) return false;
  if (was_answering && unsent_.empty()) asked_since_ = now;
  return answer_whole_lines(handler, now);
}

bool ControlPeer::read() {
  char bytes[4096];
  const ssize_t received = ::recv(socket_.get(), bytes, sizeof bytes, 0);
  if (received < 0) return is_passing(errno);
  if (received == 0) return false;
  received_.append(bytes, static_cast<std::size_t>(received));
  return true;
}

// One answer at a time is held, so that a client that only asks cannot make the process grow.
bool ControlPeer::answer_whole_lines(const ControlServer::Handler& handler, Clock::time_point now) {
  std::size_t end;
  while (unsent_.empty() && (end = received_.find('\n')) != std::string::npos) {
    unsent_ = handler(std::string_view(received_).substr(0, end)) + "\n";
    received_.erase(0, end + 1);
    if (!write()) return false;
    if (unsent_.empty()) asked_since_ = now;
  }
  return received_.size() <= kRequestBytesMax;
}

bool ControlPeer::write() {
  const ssize_t sent = ::send(socket_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0) return is_passing(errno);
  unsent_.erase(0, static_cast<std::size_t>(sent));
  return true;
}

}  // namespace weir::run
