#include "relay.h"

#include <algorithm>
#include <csignal>
#include <ctime>
#include <iostream>

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "ecn.h"

namespace weir::link {
namespace {

// A timer for every frame would cost more than frames that leave this much early.
constexpr Duration kEarly = 10us;

Instant now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return Instant{std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec}};
}

bool is_tcp(std::span<const std::byte> frame) {
  if (frame.size() < 54) return false;
  const auto at = [&](std::size_t n) { return std::to_integer<unsigned>(frame[n]); };
  const unsigned type = at(12) << 8 | at(13);
  return (type == 0x0800 && at(23) == 6) || (type == 0x86dd && at(20) == 6);
}

int signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) sigaddset(&set, signal);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  return signalfd(-1, &set, SFD_NONBLOCK);
}

nlohmann::json as_json(const PathCounts& path, const RelayCounts& relay, std::uint64_t missed) {
  return {{"offered", path.offered},
          {"delivered", relay.delivered},
          {"delivered_bytes", relay.delivered_bytes},
          {"queue_full", path.queue_full},
          {"lost", path.lost},
          {"bursts", path.bursts},
          {"late", path.late},
          {"reordered", relay.reordered},
          {"duplicated", path.duplicated},
          {"marked", relay.marked},
          {"missed", missed},
          {"unfit", relay.unfit},
          {"latest_us", std::chrono::duration_cast<std::chrono::microseconds>(relay.latest).count()}};
}

}  // namespace

Relay::Relay(const RelaySettings& settings)
    : left_(settings.left),
      right_(settings.right),
      directions_{Direction{left_, right_, Path(settings.to_right, settings.seed), {}, {}},
                  Direction{right_, left_, Path(settings.to_left, settings.seed + 100), {}, {}}},
      timer_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)),
      signals_(signals()),
      events_(epoll_create1(0)) {
  for (const int descriptor : {left_.descriptor(), right_.descriptor(), timer_, signals_}) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    if (epoll_ctl(events_, EPOLL_CTL_ADD, descriptor, &event) != 0) {
      throw std::system_error(errno, std::generic_category(), "epoll");
    }
  }
}

Relay::~Relay() {
  for (const int descriptor : {timer_, signals_, events_}) close(descriptor);
}

void Relay::run() {
  for (bool go_on = true; go_on;) {
    epoll_event events[4];
    epoll_wait(events_, events, 4, -1);
    for (auto& direction : directions_) receive(direction);
    for (auto& direction : directions_) deliver(direction, now() + kEarly);
    arm_timer();
    go_on = on_signal();
  }
  print();
}

// One burst a turn, so that neither direction nor the timer starves.
void Relay::receive(Direction& direction) {
  const auto burst = direction.from.receive();
  const Instant time = now();
  for (const auto frame : burst) take(direction, frame, time);
}

void Relay::take(Direction& direction, std::span<const std::byte> frame, Instant time) {
  const auto arrival = direction.path.on_frame(time, frame.size(), is_tcp(frame));
  ++direction.number;
  if (!arrival) return;
  schedule(direction, frame, *arrival);
  if (arrival->twice) schedule(direction, frame, *arrival);
}

void Relay::schedule(Direction& direction, std::span<const std::byte> frame, const Arrival& arrival) {
  const auto place = frame.size() < Frame::kBytes ? frames_.store(frame) : std::nullopt;
  if (!place) {
    ++direction.counts.unfit;
    return;
  }
  if (arrival.marked) direction.counts.marked += mark(frames_[*place]);
  direction.schedule.push({arrival.due, direction.number, *place});
}

void Relay::deliver(Direction& direction, Instant time) {
  auto& schedule = direction.schedule;
  while (!schedule.empty() && schedule.top().due <= time) {
    std::array<std::span<std::byte>, Port::kBurst> burst;
    std::array<std::uint32_t, Port::kBurst> places;
    std::size_t size = 0;
    for (; size < Port::kBurst && !schedule.empty() && schedule.top().due <= time; schedule.pop()) {
      count(direction, schedule.top(), time);
      places[size] = schedule.top().place;
      burst[size++] = frames_[schedule.top().place];
    }
    direction.counts.unfit += direction.to.send({burst.data(), size});
    for (std::size_t n = 0; n < size; ++n) frames_.give_back(places[n]);
  }
}

void Relay::count(Direction& direction, const UnderWay& frame, Instant time) {
  auto& counts = direction.counts;
  ++counts.delivered;
  counts.delivered_bytes += frames_[frame.place].size();
  counts.reordered += frame.number < direction.latest_number;
  direction.latest_number = std::max(direction.latest_number, frame.number);
  counts.latest = std::max(counts.latest, Duration{time - frame.due});
}

void Relay::arm_timer() {
  Instant next = Instant::max();
  for (const auto& direction : directions_) {
    if (!direction.schedule.empty()) next = std::min(next, direction.schedule.top().due);
  }
  itimerspec timer{};
  if (next != Instant::max()) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(next);
    timer.it_value = {seconds.time_since_epoch().count(), (next - seconds).count()};
  }
  timerfd_settime(timer_, TFD_TIMER_ABSTIME, &timer, nullptr);  // this takes an expiry that was not read away as well
}

bool Relay::on_signal() {
  signalfd_siginfo signal{};
  if (read(signals_, &signal, sizeof signal) != sizeof signal) return true;
  if (signal.ssi_signo != SIGUSR1) return false;
  print();
  return true;
}

void Relay::print() {
  const char* names[] = {"to_right", "to_left"};
  nlohmann::json all;
  for (std::size_t n = 0; n < directions_.size(); ++n) {
    auto& direction = directions_[n];
    all[names[n]] = as_json(direction.path.counts(), direction.counts, direction.from.missed());
  }
  std::cout << all << std::endl;
}

}  // namespace weir::link
