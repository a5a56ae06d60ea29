#include <weir/run/control_server.h>

#include <algorithm>
#include <stdexcept>
#include <thread>
#include <vector>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "control_peer.h"
#include "control_socket.h"

namespace weir::run {

struct ControlServer::Impl {
  using Clock = ControlPeer::Clock;

  Impl(const std::filesystem::path& socket_path, Handler on_request)
      : path(socket_path), handler(std::move(on_request)), listener(listen_at(path)), wake(::eventfd(0, EFD_CLOEXEC)) {
    if (!wake) throw std::runtime_error("eventfd() failed; raise the limit of open files (ulimit -n)");
    thread = std::thread([this] { serve(); });
  }
  ~Impl() {
    ::eventfd_write(wake.get(), 1);
    thread.join();
    ::unlink(path.c_str());
  }

  void serve();
  std::vector<pollfd> awaited() const;
  void serve_ready(const std::vector<pollfd>& ready, Clock::time_point now);
  void accept_one(Clock::time_point now);

  std::filesystem::path path;
  Handler handler;
  ControlListener listener;
  FileDescriptor wake;
  std::vector<ControlPeer> peers;
  std::thread thread;
};

namespace {

constexpr std::size_t kWake = 0, kListener = 1, kFirstPeer = 2;  // places in what is polled

}  // namespace

std::vector<pollfd> ControlServer::Impl::awaited() const {
  const bool has_room = peers.size() < kControlClientsMax;
  std::vector<pollfd> all{{wake.get(), POLLIN, 0}, {has_room ? listener.socket.get() : -1, POLLIN, 0}};
  for (const ControlPeer& peer : peers) all.push_back({peer.descriptor(), peer.awaited(), 0});
  return all;
}

void ControlServer::Impl::serve() {
  constexpr int kLookAfterStuckMs = 1000;
  for (;;) {
    std::vector<pollfd> polled = awaited();
    if (::poll(polled.data(), polled.size(), peers.empty() ? -1 : kLookAfterStuckMs) < 0) continue;
    if (polled[kWake].revents != 0) return;
    const auto now = Clock::now();
    serve_ready(polled, now);
    if (polled[kListener].revents != 0) accept_one(now);
  }
}

void ControlServer::Impl::serve_ready(const std::vector<pollfd>& ready, Clock::time_point now) {
  std::vector<ControlPeer> staying;
  for (std::size_t i = 0; i < peers.size(); ++i) {
    const bool stays = ready[kFirstPeer + i].revents == 0 || peers[i].on_ready(handler, now);
    if (stays && !peers[i].is_stuck(now)) staying.push_back(std::move(peers[i]));
  }
  peers = std::move(staying);
}

void ControlServer::Impl::accept_one(Clock::time_point now) {
  constexpr int kPauseMs = 100;  // out of descriptors: no use in trying at once again
  FileDescriptor client(::accept4(listener.socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (client) {
    peers.emplace_back(std::move(client), now);
  } else {
    ::poll(nullptr, 0, kPauseMs);
  }
}

ControlServer::ControlServer(const std::filesystem::path& path, Handler handler)
    : impl_(std::make_unique<Impl>(path, std::move(handler))) {}

ControlServer::~ControlServer() = default;

}  // namespace weir::run
