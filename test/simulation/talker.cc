#include "talker.h"

namespace weir::testing {

void Talker::begin(bool is_open) {
  if (plan_.no_delay) host().set_no_delay(id_, true);
  if (plan_.keep_alive) host().set_keep_alive(id_, true);
  if (is_open) on_event(tcp::kOpened);
}

void Talker::on_event(std::uint8_t what) {
  if (over_) return;
  if (!opened_ && (what & tcp::kClosed) == 0 && host().info(id_)->state != tcp::State::kSynSent) {
    opened_ = true;
    opened_at_ = next_write_ = at_.now();
    next_read_ = opened_at_ + plan_.first_read;
  }
  if ((what & tcp::kClosed) != 0) return close_finished();
  drive();
}

void Talker::drive() {
  wake_.reset();
  if (over_ || !opened_) return;
  write();
  read();
  end_if_due();
}

void Talker::write() {
  if (shut_ || is_all_sent() || plan_.echoes) return;
  if (at_.now() < next_write_) return wake_by(next_write_);
  write_some();
  if (plan_.write_gap == Duration{} || is_all_sent()) return;
  next_write_ = at_.now() + plan_.write_gap;
  wake_by(next_write_);
}

void Talker::write_some() {
  std::array<std::uint8_t, 8192> bytes;
  while (!is_all_sent()) {
    const auto wanted =
        static_cast<std::uint32_t>(std::min<std::uint64_t>({plan_.bytes - sent_, plan_.chunk, bytes.size()}));
    out_.fill(sent_, std::span{bytes}.first(wanted));
    const std::uint32_t taken = host().send(id_, std::span{bytes}.first(wanted));
    sent_ += taken;
    if (taken < wanted || plan_.write_gap > Duration{}) return;
  }
}

bool Talker::is_all_sent() const {
  return plan_.echoes ? saw_end_ : sent_ >= plan_.bytes;
}

void Talker::read() {
  if (at_.now() < next_read_) return wake_by(next_read_);
  if (plan_.echoes) return echo();
  std::uint32_t left = plan_.read_at_most == 0 ? ~0U : plan_.read_at_most;
  while (left > 0) {
    const Packet packet = host().receive(id_);
    if (!packet) break;
    check(packet.data());
    left -= std::min(left, packet.length());
  }
  observer_.on_read();
  saw_end_ = saw_end_ || host().at_end(id_);
  if (plan_.read_gap == Duration{} || saw_end_) return;
  next_read_ = at_.now() + plan_.read_gap;
  if (host().readable(id_) > 0) wake_by(next_read_);
}

void Talker::echo() {
  while (const std::uint32_t moved = host().splice(id_, id_)) {
    sent_ += moved;
    received_ += moved;
  }
  observer_.on_read();
  saw_end_ = saw_end_ || (host().at_end(id_) && host().readable(id_) == 0);
}

void Talker::check(std::span<const std::uint8_t> bytes) {
  intact_ = intact_ && in_.is(received_, bytes);
  received_ += bytes.size();
}

bool Talker::ends_early() {
  if (plan_.ending != Ending::kEarly && plan_.ending != Ending::kAbort) return false;
  return sent_ + received_ >= plan_.ends_after || (is_all_sent() && saw_end_);
}

void Talker::end_if_due() {
  if (ends_early()) {
    rude_ = over_ = true;
    if (plan_.ending == Ending::kAbort)
      host().abort(id_);
    else
      host().close(id_);
    return;
  }
  const bool is_time = plan_.ending == Ending::kWhenSent || saw_end_;
  if (shut_ || !is_all_sent() || !is_time) return;
  shut_ = true;
  host().shutdown(id_);
}

// What was received before a normal end may still be read (tcp::kClosed).
void Talker::close_finished() {
  closed_ = true;
  reason_ = host().info(id_)->reason;
  if (!plan_.echoes) {
    next_read_ = Instant{};
    plan_.read_at_most = 0;
    read();
  }
  over_ = true;
  over_at_ = at_.now();
  host().close(id_);
}

void Talker::let_go() {
  if (over_) return;
  over_ = was_let_go_ = true;
  host().abort(id_);
}

}  // namespace weir::testing
