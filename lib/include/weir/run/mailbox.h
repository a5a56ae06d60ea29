// Commands of the control plane to one worker: bounded, lock-free, a few carried out per turn of its loop.
#pragma once

#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <vector>

namespace weir::run {

class Mailbox {
 public:
  static constexpr std::size_t kCommandsMax = 1024;
  using Command = std::function<void()>;

  Mailbox();
  ~Mailbox();  // what was not carried out breaks its promise
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // Any thread. Nothing when the box is full; else becomes ready when the command was carried out, with what it threw.
  [[nodiscard]] std::optional<std::future<void>> post(Command command);
  // Any thread. To every one of these boxes, or to none where one of them is full. No box may be there twice.
  struct Post {
    Mailbox* box;
    Command command;
  };
  [[nodiscard]] static std::optional<std::vector<std::future<void>>> post_to_all(std::vector<Post> posts);
  // The worker's thread: carries out at most `budget` commands, in the order they came; returns their number.
  unsigned serve(unsigned budget);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::run
