#include <weir/run/worker.h>

#include <weir/run/clock.h>

namespace weir::run {

namespace {

constexpr std::uint64_t kMissteerStream = 0x6d69'7373'7465'6572;

}  // namespace

Worker::Worker(const WorkerSetup& setup, std::vector<nic::Port*> ports, Rings& rings, PacketPool& packets, Instant now)
    : setup_(setup),
      ports_(std::move(ports)),
      rings_(rings),
      missteer_(rings.workers() > 1 ? setup.missteer_every : 0, Random{kMissteerStream}.key()),
      now_(now),
      network_(with_egress(setup.network, this), packets, link_drops_, Random{setup.seed}, now),
      outbox_(transmit, this),
      host_(setup.host, outbox_, packets, now) {}

Worker::~Worker() {
  outbox_.flush();
  network_.flush();
}

stack::NetworkConfig Worker::with_egress(stack::NetworkConfig config, Worker* worker) {
  config.egress = send_frames;
  config.egress_context = worker;
  return config;
}

void Worker::transmit(void* self, std::span<rte_mbuf*> ip_packets) {
  auto& worker = *static_cast<Worker*>(self);
  worker.sent_ += ip_packets.size();
  worker.network_.transmit(ip_packets, worker.now_);
}

void Worker::send_frames(void* self, std::uint16_t interface, std::span<rte_mbuf*> frames) {
  auto& worker = *static_cast<Worker*>(self);
  worker.sent_ += frames.size();
  worker.ports_[interface]->tx_burst(worker.setup_.index, frames);
}

void Worker::start(std::unique_ptr<stack::Application> application) {
  application_ = std::move(application);
  now_ = monotonic_now();
  application_->start(host_);
}

void Worker::run() {
  unsigned turns_left = kTurnsAtEnd;
  while (turns_left > 0) {
    const bool busy = turn(monotonic_now());
    if (followed_ == Wish::kStop) --turns_left;
    idle_turns_ = busy ? 0 : idle_turns_ + 1;
    if (busy) sleeps_in_a_row_ = 0;
    if (setup_.idle_sleep != Duration::zero() && idle_turns_ >= kTurnsBeforeSleep) sleep(monotonic_now());
  }
}

void Worker::drain() {
  Wish before = Wish::kRun;
  wish_.compare_exchange_strong(before, Wish::kDrain);  // a stop stays a stop
}

void Worker::follow_wish() {
  const Wish wish = wish_.load(std::memory_order_acquire);
  if (application_ == nullptr) {
    followed_ = wish;
    return;
  }
  if (wish != followed_) {
    if (wish == Wish::kDrain) application_->drain(host_);
    if (wish == Wish::kStop) application_->stop(host_);
    followed_ = wish;
  }
  if (followed_ != Wish::kRun && application_->is_drained()) drained_.store(true, std::memory_order_release);
}

}  // namespace weir::run
