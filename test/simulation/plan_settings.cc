// TCP as configured by chance: every switch on and off, every size from small to large.
#include "plan.h"

namespace weir::testing {
namespace {

std::chrono::milliseconds draw_ms(Random& random, std::uint32_t low, std::uint32_t high) {
  return std::chrono::milliseconds{low + random.below(high - low + 1)};
}

void draw_sizes(Random& random, tcp::Settings& tcp) {
  if (random.chance(30)) tcp.send_buffer = 4096 + random.below(60'000);
  if (random.chance(30)) tcp.receive_buffer = 4096 + random.below(60'000);
  if (random.chance(5)) tcp.receive_buffer = 4 << 20;
  if (random.chance(25)) tcp.mss = static_cast<std::uint16_t>(400 + random.below(1100));
  if (random.chance(30)) tcp.initial_window = static_cast<std::uint8_t>(1 + random.below(20));
  tcp.ttl = static_cast<std::uint8_t>(1 + random.below(255));
  tcp.dscp = static_cast<std::uint8_t>(random.below(64));
}

void draw_timers(Random& random, tcp::Settings& tcp) {
  if (random.chance(30)) tcp.rto_min = draw_ms(random, 10, 1000);
  if (random.chance(30)) tcp.delayed_ack = draw_ms(random, 0, 200);
  tcp.msl = draw_ms(random, 5000, 30'000);
  tcp.keepalive_idle = draw_ms(random, 1000, 20'000);
  tcp.keepalive_interval = draw_ms(random, 500, 5000);
  tcp.keepalive_probes = 30;
  tcp.fin_wait_2_timeout = 600s;
}

// Nothing that the weather does is to look like a dead peer.
void draw_retries(tcp::Settings& tcp) {
  tcp.syn_retries = 12;
  tcp.syn_ack_retries = 12;
  tcp.data_retries = 25;
}

void draw_switches(Random& random, tcp::Settings& tcp) {
  tcp.nagle = !random.chance(25);
  tcp.keepalive = random.chance(10);
  tcp.timestamps = !random.chance(30);
  tcp.sack = !random.chance(30);
  tcp.window_scale = !random.chance(25);
  tcp.probe_with_data = !random.chance(40);
}

// A template, so that what a version of Settings does not have is passed over.
template <typename Settings>
void draw_algorithms(Random& random, Settings& tcp) {
  auto maybe_off = [&](bool& on) { on = !random.chance(30); };
  if constexpr (requires { tcp.congestion_control; }) {
    using Control = decltype(tcp.congestion_control);
    tcp.congestion_control = random.chance(40) ? Control::kNewReno : Control::kCubic;
  }
  if constexpr (requires { tcp.ecn; }) {
    using Mode = decltype(tcp.ecn);
    tcp.ecn = random.chance(50) ? Mode::kOn : random.chance(50) ? Mode::kAccept : Mode::kOff;
  }
  if constexpr (requires { tcp.hystart; }) maybe_off(tcp.hystart);
  if constexpr (requires { tcp.pacing; }) tcp.pacing = random.chance(25);
  if constexpr (requires { tcp.rack; }) maybe_off(tcp.rack);
  if constexpr (requires { tcp.tail_loss_probe; }) maybe_off(tcp.tail_loss_probe);
  if constexpr (requires { tcp.undo_spurious; }) maybe_off(tcp.undo_spurious);
  if constexpr (requires { tcp.quick_acks; }) tcp.quick_acks = static_cast<std::uint8_t>(random.below(16));
  if constexpr (requires { tcp.receive_buffer_initial; }) tcp.receive_buffer_initial = 4096 + random.below(300'000);
  if constexpr (requires { tcp.send_buffer_initial; }) tcp.send_buffer_initial = 4096 + random.below(300'000);
}

}  // namespace

tcp::Settings draw_settings(Random& random) {
  tcp::Settings tcp;
  draw_sizes(random, tcp);
  draw_timers(random, tcp);
  draw_retries(tcp);
  draw_switches(random, tcp);
  draw_algorithms(random, tcp);
  return tcp;
}

}  // namespace weir::testing
