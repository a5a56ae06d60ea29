// A coroutine that a Loop runs, or that another one waits for. Needs a compiler with C++20 coroutines: gcc 11,
// clang 15. Nothing else in Weir includes weir/co, so who does not use it pays nothing.
//
// gcc 12 miscompiles a loop whose condition awaits without naming the result: write `while (Packet p = co_await ...)`,
// never `while (co_await ...)`.
#pragma once

#include <concepts>
#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include <weir/co/frames.h>

namespace weir::co {

class Loop;

// Where a coroutine's frame is taken from: the first of its arguments that knows (Loop, Connection).
template <typename T>
concept KnowsFrames = requires(T& t) {
  { t.frames() } -> std::same_as<Frames&>;
};

template <typename First, typename... Rest>
Frames& frames_among(First& first, Rest&... rest) {
  if constexpr (KnowsFrames<First>) {
    return first.frames();
  } else {
    static_assert(sizeof...(Rest) > 0, "a coroutine's arguments must have a co::Loop or co::Connection among them");
    return frames_among(rest...);
  }
}

class PromiseBase {
 public:
  template <typename... Args>
  static void* operator new(std::size_t bytes, Args&... args) noexcept {
    return frames_among(args...).take(bytes);
  }
  static void operator delete(void* frame) { Frames::give_back(frame); }

  std::suspend_always initial_suspend() noexcept { return {}; }
  [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }  // nothing here throws: it is a fault

  std::coroutine_handle<> continuation{};                     // who waits for the end
  void (*on_end)(void* owner, PromiseBase& ended) = nullptr;  // else: whose it is, which may destroy it here
  void* owner = nullptr;
  PromiseBase *next = nullptr, *previous = nullptr;  // among the owner's
  std::coroutine_handle<> self{};
};

struct FinalAwaiter {
  bool await_ready() noexcept { return false; }
  template <typename Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) noexcept {
    PromiseBase& promise = ended.promise();
    if (promise.continuation) return promise.continuation;
    if (promise.on_end != nullptr) promise.on_end(promise.owner, promise);
    return std::noop_coroutine();
  }
  void await_resume() noexcept {}
};

// Starts when it is waited for (`co_await task`) or given to Loop::start(). Empty when there was no frame for it: it
// then never runs. Moved, not copied; destroying it destroys a coroutine that has not ended.
template <typename T = void>
class [[nodiscard]] Task {
 public:
  struct Promise;
  using promise_type = Promise;
  using Handle = std::coroutine_handle<Promise>;

  Task() = default;
  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  explicit operator bool() const { return static_cast<bool>(handle_); }
  Handle release() { return std::exchange(handle_, {}); }

  // Waiting for a Task that had no frame ends at once, with T{}.
  bool await_ready() const noexcept { return !handle_; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) noexcept {
    handle_.promise().continuation = waiting;
    return handle_;
  }
  T await_resume() {
    if constexpr (!std::is_void_v<T>) return handle_ ? std::move(*handle_.promise().value) : T{};
  }

 private:
  Handle handle_{};
};

template <typename T>
struct PromiseOf : PromiseBase {
  std::optional<T> value{};
  void return_value(T result) { value.emplace(std::move(result)); }
};
template <>
struct PromiseOf<void> : PromiseBase {
  void return_void() {}
};

template <typename T>
struct Task<T>::Promise : PromiseOf<T> {
  Task get_return_object() { return Task{Handle::from_promise(*this)}; }
  static Task get_return_object_on_allocation_failure() { return {}; }
  FinalAwaiter final_suspend() noexcept { return {}; }
};

}  // namespace weir::co
