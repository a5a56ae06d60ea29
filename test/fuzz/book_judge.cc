// What a host may say, by what the book knows.
#include <algorithm>

#include "book.h"
#include "ground.h"

namespace weir::fuzz {

void Book::judge_text(const TcpPacket& packet) {
  const SeqNum start = SeqNum{packet.seq} + (has(packet, kSyn) ? 1U : 0U);
  const auto length = static_cast<std::uint32_t>(packet.payload.size());
  const SeqNum first = life_->iss + 1;
  const std::uint32_t offset = start.since(first);
  const Bytes& written = life_->written->bytes;
  if (length > 0 && std::uint64_t{offset} + length > written.size()) fault_in(packet, "text that nobody wrote");
  if (length > 0 && life_->written->is_known &&
      !std::equal(packet.payload.begin(), packet.payload.end(), written.begin() + offset))
    fault_in(packet, "other bytes than were written");
  if (length > 0 && start.after(life_->sent_end)) fault_in(packet, "a gap in what was sent");
  const bool is_probe = length == 1 && life_->edge && start.at_or_before(*life_->edge);
  if (length > 0 && !is_probe && (!life_->edge || (start + length).after(*life_->edge)))
    fault_in(packet, "beyond the window's edge");
  const SeqNum end = start + length + (has(packet, kFin) ? 1U : 0U);
  judge_fin(packet, end);
  life_->sent_end = SeqNum::latest(life_->sent_end, end);
}

void Book::judge_fin(const TcpPacket& packet, SeqNum end) {
  if (has(packet, kFin)) {
    const SeqNum at = end - 1;
    if (life_->fin && *life_->fin != at) fault_in(packet, "a FIN elsewhere than before");
    if (at.since(life_->iss + 1) != life_->written->bytes.size()) fault_in(packet, "FIN not at the end of the stream");
    life_->fin = at;
  } else if (life_->fin && !packet.payload.empty() && end.after(*life_->fin)) {
    fault_in(packet, "text after FIN");
  }
}

// Whether a host that has taken this SYN may have come to this ACK.
bool Book::may_follow(SeqNum syn, SeqNum ack) const {
  const std::uint32_t length = ack.since(syn);
  return length > 0 && length <= reach(syn).since(syn);
}

std::vector<SeqNum> Book::syns_before(SeqNum ack, std::size_t from) const {
  std::vector<SeqNum> found;
  for (std::size_t i = from; i < syns_.size(); ++i)
    if (may_follow(syns_[i], ack) && std::ranges::find(found, syns_[i]) == found.end()) found.push_back(syns_[i]);
  return found;
}

// A SYN-ACK names the SYN that it answers. A first ACK may be of more than a SYN, and then of more than one SYN.
void Book::narrow_irs(const TcpPacket& packet) {
  const SeqNum ack{packet.ack};
  auto& candidates = life_->irs_candidates;
  if (has(packet, kSyn)) {
    if (!is_syn_of_peer(ack - 1)) fault_in(packet, "acknowledges what was no SYN");
    candidates = {ack - 1};
  } else if (candidates.empty()) {
    candidates = syns_before(ack, life_->syns_from);
    if (candidates.empty()) fault_in(packet, "acknowledges what was no SYN");
  } else {
    std::erase_if(candidates, [&](SeqNum syn) { return !may_follow(syn, ack); });
    if (candidates.empty()) fault_in(packet, "acknowledges what never arrived");
  }
}

void Book::judge_ack(const TcpPacket& packet) {
  const SeqNum ack{packet.ack};
  narrow_irs(packet);
  // With a chosen ISS two lives may begin with the same number: this is the first ACK of the next one.
  const bool is_next_life = is_syn_of_peer(ack - 1);
  if (life_->acked && ack.before(*life_->acked) && !is_next_life) fault_in(packet, "acknowledges less than before");
  life_->acked = ack;
  const bool is_scaled = life_->scale && peer_scale_ > 0 && !has(packet, kSyn);
  life_->window = std::uint32_t{packet.window} << (is_scaled ? life_->scale->shift() : 0);
}

void Book::judge_options(const TcpPacket& packet, const TcpOptions& options) {
  if (options.timestamps) life_->timestamp = options.timestamps->value;
  if (has(packet, kSyn)) return;
  if (options.mss || options.window_scale || options.sack_permitted)
    fault_in(packet, "an option that belongs in a SYN");
  for (unsigned i = 0; i < options.sack_count; ++i) {
    const SackBlock& block = options.sack[i];
    if (!block.left.before(block.right)) fault_in(packet, "an empty SACK block");
    if (!has_arrived(block.left, block.right.since(block.left))) fault_in(packet, "SACKs what never arrived");
  }
}

}  // namespace weir::fuzz
