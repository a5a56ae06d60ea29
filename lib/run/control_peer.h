// One client of the control socket: what it has sent so far, and what it has not taken yet.
#pragma once

#include <chrono>
#include <string>

#include <weir/run/control_server.h>

#include "control_socket.h"

namespace weir::run {

class ControlPeer {
 public:
  using Clock = std::chrono::steady_clock;

  ControlPeer(FileDescriptor socket, Clock::time_point now) : socket_(std::move(socket)), asked_since_(now) {}

  int descriptor() const { return socket_.get(); }
  short awaited() const;  // for poll(): answers are taken away before more is asked
  // Does what the socket is ready for; false when the client is done with, or did what it must not.
  bool on_ready(const ControlServer::Handler& handler, Clock::time_point now);
  // Has the present question, with the taking of its answer, lasted too long?
  bool is_stuck(Clock::time_point now) const { return now - asked_since_ >= kControlPatience; }

 private:
  bool read();
  bool answer_whole_lines(const ControlServer::Handler& handler, Clock::time_point now);
  bool write();

  FileDescriptor socket_;
  std::string received_;
  std::string unsent_;
  Clock::time_point asked_since_;  // connected, or took the last answer
};

}  // namespace weir::run
