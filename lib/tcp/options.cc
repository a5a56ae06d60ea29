#include "options.h"

#include <bit>

#include "path_mtu.h"

namespace weir::tcp {

namespace {

std::uint16_t room_for_tcp(std::uint16_t mtu, bool is_v4) {
  const unsigned headers = is_v4 ? 40 : 60;
  return static_cast<std::uint16_t>(std::max(unsigned{mtu}, headers + kMssMin) - headers);
}

}  // namespace

std::uint16_t announced_mss(const Settings& settings, std::uint16_t mtu, bool is_v4) {
  const std::uint16_t room = room_for_tcp(mtu, is_v4);
  return settings.mss == 0 ? room : std::min(settings.mss, room);
}

std::uint16_t peer_mss(const Settings& settings, const TcpOptions& options, bool is_v4) {
  const std::uint16_t announced = options.mss.value_or(0);
  const std::uint16_t said = announced != 0 ? announced : is_v4 ? std::uint16_t{536} : std::uint16_t{1220};
  const std::uint16_t most = settings.peer_mss_max != 0 ? settings.peer_mss_max : std::uint16_t{0xffff};
  return std::max({std::min(said, most), settings.peer_mss_min, kMssMin});
}

std::uint16_t effective_mss(std::uint16_t peer, std::uint16_t mtu, bool is_v4, bool timestamps) {
  const std::uint16_t whole = std::min(peer, room_for_tcp(mtu, is_v4));
  return static_cast<std::uint16_t>(whole - (timestamps ? kTimestampsLength : 0));
}

WindowScale own_scale(const Settings& settings) {
  if (settings.window_scale_shift >= 0) return WindowScale{static_cast<unsigned>(settings.window_scale_shift)};
  const std::uint32_t windows = settings.receive_buffer / 0xffff + (settings.receive_buffer % 0xffff != 0 ? 1 : 0);
  return WindowScale{windows <= 1 ? 0U : static_cast<unsigned>(std::bit_width(windows - 1))};
}

FlowNumbers choose_numbers(const Context& context, const Settings& settings, const FlowKey& key,
                           std::optional<SeqNum> above) {
  FlowNumbers numbers = flow_numbers(context, key);
  numbers.isn = settings.appearance.iss.value_or(numbers.isn);
  numbers.timestamp_offset = settings.appearance.timestamp_offset.value_or(numbers.timestamp_offset);
  if (above && !numbers.isn.after(*above)) numbers.isn = *above + 1 + context.random->below(1U << 16);
  return numbers;
}

std::uint32_t choose_timestamp_offset(const Context& context, const Settings& settings, const FlowKey& key) {
  const auto& chosen = settings.appearance.timestamp_offset;
  return chosen ? *chosen : timestamp_offset(context, key);
}

TcpOptions syn_options(const Settings& settings, std::uint16_t mtu, bool is_v4, const Offer& offer) {
  TcpOptions options;
  options.mss = announced_mss(settings, mtu, is_v4);
  options.sack_permitted = offer.sack;
  if (offer.window_scale) options.window_scale = own_scale(settings);
  if (offer.timestamps) options.timestamps = Timestamps{};  // the caller fills them in
  return options;
}

void agree(Step& step, const TcpOptions& peer) {
  Tcb& tcb = step.tcb;
  if (step.settings.sack && peer.sack_permitted) tcb.set(kSackOk);
  if (step.settings.timestamps && peer.timestamps) tcb.set(kTimestampsOk);
  tcb.snd_scale = tcb.rcv_scale = 0;
  if (step.settings.window_scale && peer.window_scale) {
    tcb.set(kWindowScaleOk);
    tcb.snd_scale = peer.window_scale->shift() & 0xf;
    tcb.rcv_scale = own_scale(step.settings).shift() & 0xf;
  }
  const bool is_v4 = tcb.remote.is_v4();
  const std::uint16_t said = peer_mss(step.settings, peer, is_v4);
  tcb.mss = effective_mss(said, step.local().mtu, is_v4, tcb.has(kTimestampsOk));
  const std::uint16_t mtu = path_mtu(step);
  if (mtu == step.local().mtu) return;
  const std::uint16_t of_path = effective_mss(said, mtu, is_v4, tcb.has(kTimestampsOk));
  if (of_path < tcb.mss) lower_mss(step, of_path);
}

}  // namespace weir::tcp
