#include <algorithm>

#include <weir/run/worker.h>

namespace weir::run {

namespace {

void raise(Count& mark, std::size_t value) {
  if (value > mark.value()) mark.add(value - mark.value());
}

}  // namespace

bool Worker::turn(Instant now) {
  account(last_busy_, now);
  sent_ = 0;
  const std::size_t received = receive();
  const std::size_t taken = take_over();
  if (application_ != nullptr) application_->poll(host_);
  bool busy = handle_time();
  const unsigned commands = mailbox_.serve(kCommandsPerTurn);
  follow_wish();
  hand_over();
  outbox_.flush();
  network_.flush();
  metrics_.commands.add(commands);
  busy = busy || received + taken + commands + sent_ > 0;
  last_busy_ = busy;
  return busy;
}

// What lies between two turns' clock readings was spent on the first of them.
void Worker::account(bool busy, Instant now) {
  const Duration passed = std::max(now - now_, Duration::zero());
  const auto spent = static_cast<std::uint64_t>(passed.count());
  pressure_.note(was_full_, passed);
  metrics_.turns.add();
  if (busy) metrics_.busy_turns.add();
  (busy ? metrics_.busy_ns : metrics_.idle_ns).add(spent);
  now_ = now;
}

std::size_t Worker::receive() {
  std::size_t sum = 0;
  was_full_ = false;
  for (std::uint16_t port = 0; port < ports_.size(); ++port) {
    const std::uint32_t count = receive_burst(port, false);
    sum += count;
    if (count < nic::Port::kBurst) continue;
    was_full_ = true;
    if (pressure_.is_high() && host_.expects_cookies(now_)) sum += reach_behind(port);
  }
  raise(metrics_.rx_burst_max, sum);
  return sum;
}

std::uint32_t Worker::receive_burst(std::uint16_t port, bool sheds) {
  std::array<rte_mbuf*, nic::Port::kBurst> frames;
  std::array<rte_mbuf*, nic::Port::kBurst> packets;
  const std::uint32_t count = ports_[port]->rx_burst(setup_.index, frames);
  if (count == 0) return 0;
  std::size_t ip = network_.on_frames(port, std::span{frames}.first(count), packets, now_);
  if (sheds) ip = host_.shed(std::span{packets}.first(ip));
  deliver(std::span{packets}.first(ip));
  return count;
}

// A flood has filled the ring: behind one burst of what can be answered, further ones are searched for what is worth
// more than another SYN.
std::size_t Worker::reach_behind(std::uint16_t port) {
  static_assert(nic::Port::kBurst <= stack::Host::kShedMax);
  std::size_t sum = 0;
  for (unsigned i = 1; i < kShedBursts; ++i) {
    const std::uint32_t count = receive_burst(port, true);
    sum += count;
    if (count < nic::Port::kBurst) break;
  }
  return sum;
}

void Worker::deliver(std::span<rte_mbuf*> packets) {
  if (missteer_.is_on()) {
    const std::size_t stay = missteer_.split(packets);
    const auto chosen = packets.subspan(stay);
    if (!chosen.empty()) {
      metrics_.missteered.add(chosen.size());
      hand_over_to(static_cast<std::uint16_t>((setup_.index + 1) % rings_.workers()), chosen);
    }
    packets = packets.first(stay);
  }
  if (!packets.empty()) host_.on_burst(packets, now_);
}

std::size_t Worker::take_over() {
  std::array<rte_mbuf*, kTakeOverBurst> packets;
  std::size_t sum = 0;
  for (std::uint16_t from = 0; from < rings_.workers(); ++from) {
    if (from == setup_.index) continue;
    const std::size_t count = rings_.take(from, setup_.index, packets);
    if (count > 0) host_.on_burst(std::span{packets}.first(count), now_);
    sum += count;
    take_over_neighbour_frames(from);
  }
  metrics_.taken_over.add(sum);
  raise(metrics_.take_over_max, sum);
  return sum;
}

void Worker::take_over_neighbour_frames(std::uint16_t from) {
  std::array<rte_mbuf*, kTakeOverBurst> frames;
  const std::size_t count = rings_.take_neighbour_frames(from, setup_.index, frames);
  for (rte_mbuf* frame : std::span{frames}.first(count)) {
    network_.on_neighbour_copy(frame->port, {rte_pktmbuf_mtod(frame, const std::uint8_t*), frame->data_len}, now_);
    rte_pktmbuf_free(frame);
  }
  metrics_.neighbour_copies.add(count);
}

bool Worker::handle_time() {
  const bool more_for_host = host_.advance(now_);
  const bool more_for_network = network_.advance(now_);
  return more_for_host || more_for_network;
}

void Worker::hand_over() {
  std::array<rte_mbuf*, kTakeOverBurst> packets;
  for (std::uint16_t to = 0; to < rings_.workers(); ++to) {
    if (to == setup_.index) continue;
    while (const std::size_t count = host_.take_hand_over(to, packets))
      hand_over_to(to, std::span{packets}.first(count));
  }
  share_neighbour_frames();
}

void Worker::hand_over_to(std::uint16_t worker, std::span<rte_mbuf*> packets) {
  const std::size_t put = rings_.put(setup_.index, worker, packets);
  metrics_.handed_over.add(put);
  const auto refused = packets.subspan(put);
  if (refused.empty()) return;
  metrics_.hand_over_full.add(refused.size());
  link_drops_.add(stack::DropReason::kHandOverFull, refused.size());
  rte_pktmbuf_free_bulk(refused.data(), static_cast<unsigned>(refused.size()));
}

// One frame, a reference for each of the other workers: they only read it.
void Worker::share_neighbour_frames() {
  std::array<rte_mbuf*, kTakeOverBurst> frames;
  const std::size_t count = network_.take_neighbour_frames(frames);
  for (rte_mbuf* frame : std::span{frames}.first(count)) {
    for (std::uint16_t to = 0; to < rings_.workers(); ++to) {
      if (to == setup_.index) continue;
      rte_mbuf_refcnt_update(frame, 1);
      if (rings_.put_neighbour_frames(setup_.index, to, std::span{&frame, 1}) == 0) rte_mbuf_refcnt_update(frame, -1);
    }
    rte_pktmbuf_free(frame);
  }
}

}  // namespace weir::run
