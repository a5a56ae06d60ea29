// A connection as a coroutine sees it. Include weir/co/co.h or weir/co/program.h.
#pragma once

#include <weir/co/loop.h>

namespace weir::co {

// Waits for something about one connection; a coroutine waits for one thing at a time, but a reader and a writer may
// wait side by side.
struct ConnectionAwaiter : Waiter {
  ConnectionAwaiter(Loop* loop_in, std::uint32_t slot_in, bool is_writer_in)
      : loop(loop_in), slot(slot_in), is_writer(is_writer_in) {}
  ConnectionAwaiter(const ConnectionAwaiter&) = delete;
  ConnectionAwaiter& operator=(const ConnectionAwaiter&) = delete;
  ~ConnectionAwaiter() { forget(); }
  // Destroyed while it waits: nobody is to be resumed.
  void forget() {
    if (std::exchange(handle, {}) && place() == this) place() = nullptr;
  }

  bool await_ready() { return loop == nullptr || is_ready(*this); }
  void await_suspend(std::coroutine_handle<> waiting) {
    WEIR_CHECK(place() == nullptr);  // two readers, or two writers, of one connection
    handle = waiting;
    place() = this;
  }

  stack::Host& host() { return loop->host_; }
  stack::ConnectionId id() { return loop->slots_[slot].id; }
  Waiter*& place() { return is_writer ? loop->slots_[slot].writer : loop->slots_[slot].reader; }

  Loop* loop;
  std::uint32_t slot;
  bool is_writer;
};

// Moved, not copied. Where it ends, the connection is closed: FIN after what was written, or RST where bytes are
// unread. An empty one takes every call: reads end, writes fail.
class Connection {
 public:
  Connection() = default;
  Connection(Loop& loop, std::uint32_t slot) : loop_(&loop), slot_(slot) {}
  Connection(stack::CallError error, tcp::CloseReason reason) : error_(error), reason_(reason) {}
  Connection(Connection&& other) noexcept { *this = std::move(other); }
  Connection& operator=(Connection&& other) noexcept {
    std::swap(loop_, other.loop_);
    std::swap(slot_, other.slot_);
    std::swap(error_, other.error_);
    std::swap(reason_, other.reason_);
    return *this;
  }
  ~Connection() { close(); }

  explicit operator bool() const { return loop_ != nullptr; }
  // To set options, ask for info(), and so on. close() and abort() of the host are not for it.
  stack::ConnectionId id() const { return loop_ == nullptr ? stack::ConnectionId{} : loop_->slots_[slot_].id; }
  Frames& frames() const {
    WEIR_CHECK(loop_ != nullptr);
    return loop_->frames();
  }
  // Why connect() gave an empty one; kNone when it went wrong on the network, which reason() tells.
  stack::CallError error() const { return error_; }
  // How the connection ended; kNone while it lives.
  tcp::CloseReason reason() const {
    if (loop_ == nullptr) return reason_;
    const auto info = loop_->host().info(id());
    return info && info->state == tcp::State::kClosed ? info->reason : tcp::CloseReason::kNone;
  }

  // `co_await connection.read()`: the next bytes, without a copy; empty at the end, be it the peer's FIN or worse
  // (reason()).
  auto read();
  // `co_await connection.read(into)`: how many bytes came, at least 1; 0 at the end.
  auto read(std::span<std::uint8_t> into);
  // `co_await connection.write(...)`: true when all of it is in the send buffer; false when the connection ended.
  auto write(std::span<const std::uint8_t> bytes);  // which stay where they are until then
  auto write(Packet packet);
  // `co_await connection.shutdown()`: FIN after what was written; goes on when both sides have closed, or it ended
  // otherwise: kNormal says that the peer has everything. What the peer still sends is thrown away.
  auto shutdown();

  // At once. A coroutine that waits for this connection is resumed: its read ends, its write fails.
  void close() { end(false); }
  void abort() { end(true); }

 private:
  void end(bool abort) {
    if (loop_ != nullptr) std::exchange(loop_, nullptr)->let_go(slot_, abort);
  }

  Loop* loop_ = nullptr;
  std::uint32_t slot_ = kNoIndex;
  stack::CallError error_ = stack::CallError::kNone;
  tcp::CloseReason reason_ = tcp::CloseReason::kNone;
};

struct ReadPacketAwaiter : ConnectionAwaiter {
  ReadPacketAwaiter(Loop* loop_in, std::uint32_t slot_in) : ConnectionAwaiter(loop_in, slot_in, false) {
    is_ready = &try_again;
  }
  static bool try_again(Waiter& waiter) {
    auto& self = static_cast<ReadPacketAwaiter&>(waiter);
    self.packet = self.host().receive(self.id());
    return self.packet || self.host().check_receive(self.id()) != stack::CallError::kNone;
  }
  Packet await_resume() { return std::move(packet); }
  Packet packet{};
};

struct ReadAwaiter : ConnectionAwaiter {
  ReadAwaiter(Loop* loop_in, std::uint32_t slot_in, std::span<std::uint8_t> into_in)
      : ConnectionAwaiter(loop_in, slot_in, false), into(into_in) {
    is_ready = &try_again;
  }
  static bool try_again(Waiter& waiter) {
    auto& self = static_cast<ReadAwaiter&>(waiter);
    self.taken = self.host().receive(self.id(), self.into);
    return self.taken > 0 || self.into.empty() || self.host().check_receive(self.id()) != stack::CallError::kNone;
  }
  std::uint32_t await_resume() const { return taken; }
  std::span<std::uint8_t> into;
  std::uint32_t taken = 0;
};

struct WriteAwaiter : ConnectionAwaiter {
  WriteAwaiter(Loop* loop_in, std::uint32_t slot_in, std::span<const std::uint8_t> left_in)
      : ConnectionAwaiter(loop_in, slot_in, true), left(left_in) {
    is_ready = &try_again;
  }
  static bool try_again(Waiter& waiter) {
    auto& self = static_cast<WriteAwaiter&>(waiter);
    self.left = self.left.subspan(self.host().send(self.id(), self.left));
    return self.left.empty() || self.host().check_send(self.id()) != stack::CallError::kNone;
  }
  bool await_resume() const { return left.empty(); }
  std::span<const std::uint8_t> left;
};

struct WritePacketAwaiter : ConnectionAwaiter {
  WritePacketAwaiter(Loop* loop_in, std::uint32_t slot_in, Packet packet_in)
      : ConnectionAwaiter(loop_in, slot_in, true), packet(std::move(packet_in)) {
    is_ready = &try_again;
  }
  static bool try_again(Waiter& waiter) {
    auto& self = static_cast<WritePacketAwaiter&>(waiter);
    if (self.packet) self.packet = self.host().send(self.id(), std::move(self.packet));
    return !self.packet || self.host().check_send(self.id()) != stack::CallError::kNone;
  }
  bool await_resume() const { return !packet; }
  Packet packet;
};

struct ShutdownAwaiter : ConnectionAwaiter {
  ShutdownAwaiter(Loop* loop_in, std::uint32_t slot_in) : ConnectionAwaiter(loop_in, slot_in, false) {
    is_ready = &try_again;
    if (loop != nullptr) static_cast<void>(host().shutdown(id()));  // a second time changes nothing
  }
  static bool try_again(Waiter& waiter) {
    auto& self = static_cast<ShutdownAwaiter&>(waiter);
    while (self.host().receive(self.id())) continue;
    const auto info = self.host().info(self.id());
    self.reason = info ? info->reason : tcp::CloseReason::kAborted;
    return !info || info->state == tcp::State::kClosed || info->state == tcp::State::kTimeWait;
  }
  tcp::CloseReason await_resume() const { return loop == nullptr ? tcp::CloseReason::kAborted : reason; }
  tcp::CloseReason reason = tcp::CloseReason::kNone;
};

inline auto Connection::read() {
  return ReadPacketAwaiter{loop_, slot_};
}
inline auto Connection::read(std::span<std::uint8_t> into) {
  return ReadAwaiter{loop_, slot_, into};
}
inline auto Connection::write(std::span<const std::uint8_t> bytes) {
  return WriteAwaiter{loop_, slot_, bytes};
}
inline auto Connection::write(Packet packet) {
  return WritePacketAwaiter{loop_, slot_, std::move(packet)};
}
inline auto Connection::shutdown() {
  return ShutdownAwaiter{loop_, slot_};
}

}  // namespace weir::co
