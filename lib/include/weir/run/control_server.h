// A UNIX stream socket on which a process is asked one line at a time. One thread of its own serves every client;
// nothing a client does or leaves undone holds up another one, or the process.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace weir::run {

inline constexpr std::size_t kRequestBytesMax = 16384;       // a longer line ends the client's connection
inline constexpr std::size_t kControlClientsMax = 16;        // further ones wait to be accepted
inline constexpr std::chrono::seconds kControlPatience{10};  // for one question and the taking of its answer

class ControlServer {
 public:
  using Handler = std::function<std::string(std::string_view request)>;  // returns the answer, without its newline

  // Listens at once, with mode 0600, making the directory if need be; a socket that a dead process left is replaced,
  // a live process's is not. Throws std::runtime_error that says what to do. `handler` is called on the thread.
  ControlServer(const std::filesystem::path& path, Handler handler);
  // Ends the thread and removes the socket.
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Asks one question; throws std::runtime_error that says what to do when nobody answers within `patience`.
class ControlClient {
 public:
  explicit ControlClient(const std::filesystem::path& path, std::chrono::milliseconds patience = kControlPatience);
  ~ControlClient();
  ControlClient(const ControlClient&) = delete;
  ControlClient& operator=(const ControlClient&) = delete;

  std::string ask(std::string_view request);

 private:
  std::filesystem::path path_;
  int socket_ = -1;
  std::string received_;
};

}  // namespace weir::run
