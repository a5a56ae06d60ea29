#include "plan.h"

namespace weir::testing {
namespace {

std::uint32_t between(Random& random, std::uint32_t low, std::uint32_t high) {
  return low + random.below(high - low + 1);
}

Duration milliseconds_between(Random& random, std::uint32_t low, std::uint32_t high) {
  return std::chrono::milliseconds{between(random, low, high)};
}

// Clocks of 32 bits wrap at 2^32 ms (the stack's ticks) and 2^32 us (its round-trip times).
Instant draw_start(Random& random) {
  const auto before = std::chrono::milliseconds{random.below(3000)};
  switch (random.below(4)) {
    case 0:
      return Instant{std::chrono::milliseconds{1LL << 32}} - before;
    case 1:
      return Instant{std::chrono::microseconds{(1LL << 32) * 3}} - before;
    case 2:
      return Instant{std::chrono::milliseconds{1LL << 31}} - before;
    default:
      return Instant{1'000'000s};
  }
}

LinkSettings draw_link(Random& random) {
  LinkSettings link;
  link.delay = std::chrono::microseconds{random.chance(20) ? between(random, 20, 1000) : between(random, 1000, 80000)};
  if (random.chance(30)) link.loss_percent = 0.5 + random.below(80) / 10.0;
  if (random.chance(20))
    link.burst_percent = 0.2 + random.below(15) / 10.0, link.burst_end_percent = between(random, 35, 60);
  if (random.chance(25)) link.reorder_percent = 1 + random.below(20);
  if (random.chance(25)) link.duplicate_percent = 1 + random.below(15);
  if (random.chance(25)) link.corrupt_percent = 0.5 + random.below(30) / 10.0;
  if (random.chance(25)) link.jitter = link.delay * between(random, 1, 20) / 10;
  if (random.chance(25)) link.mark_percent = 0.5 + random.below(50) / 10.0;
  if (random.chance(40)) {
    link.rate_bits = 1'000'000ULL * between(random, 1, 100);
    link.queue_bytes = 1500 * between(random, 4, 60);
  }
  return link;
}

EndPlan draw_end(Random& random) {
  EndPlan end;
  const std::uint32_t size = random.below(100);
  end.bytes = size < 8 ? 0 : random.below(size < 50 ? 2000 : size < 90 ? 30'000 : size < 99 ? 120'000 : 600'000);
  if (random.chance(20)) {  // tiny writes, with or without pauses
    end.bytes = std::min(end.bytes, 4000U);
    end.chunk = between(random, 1, 50);
    end.write_gap = milliseconds_between(random, 0, 20);
  } else if (random.chance(40)) {
    end.chunk = between(random, 100, 8000);
    if (random.chance(30)) end.write_gap = milliseconds_between(random, 1, 400);
  }
  if (end.write_gap > Duration{}) end.bytes = std::min(end.bytes, end.chunk * 100);
  if (random.chance(15))
    end.read_at_most = between(random, 100, 4000), end.read_gap = milliseconds_between(random, 1, 50);
  if (random.chance(10)) end.first_read = milliseconds_between(random, 200, 6000);
  end.no_delay = random.chance(30);
  end.keep_alive = random.chance(20);
  return end;
}

void draw_endings(Random& random, TalkPlan& talk) {
  talk.acceptor.echoes = talk.opener.bytes > 0 && random.chance(20);
  if (random.chance(60))
    talk.acceptor.ending = Ending::kAfterPeer;
  else if (random.chance(30))
    talk.opener.ending = Ending::kAfterPeer;
  if (talk.acceptor.echoes) talk.opener.ending = Ending::kWhenSent, talk.acceptor.ending = Ending::kAfterPeer;
  if (!random.chance(15)) return;
  EndPlan& rude = random.chance(50) ? talk.opener : talk.acceptor;
  rude.ending = random.chance(50) ? Ending::kEarly : Ending::kAbort;
  rude.ends_after = random.below(rude.bytes + 1);
}

TalkPlan draw_talk(Random& random, const Plan& plan) {
  TalkPlan talk;
  const auto hosts = static_cast<unsigned>(plan.hosts.size());
  talk.from = random.below(hosts);
  talk.to = (talk.from + 1 + random.below(hosts - 1)) % hosts;
  talk.is_v4 = random.chance(50);
  talk.start = milliseconds_between(random, 0, 5000);
  talk.listener = random.below(static_cast<std::uint32_t>(plan.hosts[talk.to].listeners.size()));
  talk.profile = random.below(static_cast<std::uint32_t>(plan.hosts[talk.from].profiles.size()));
  talk.near_wrap = random.chance(8);
  talk.opener = draw_end(random);
  talk.acceptor = draw_end(random);
  draw_endings(random, talk);
  return talk;
}

// Both know the other's port; nobody listens there.
void make_simultaneous(Random& random, TalkPlan& talk, unsigned index) {
  talk.is_simultaneous = true;
  talk.near_wrap = false;
  talk.local_port = static_cast<std::uint16_t>(20'000 + index);
  talk.start = milliseconds_between(random, 0, 1000);
}

// The same 4-tuple again and again, as when ports are few.
void add_chain(Random& random, Plan& plan) {
  TalkPlan talk = draw_talk(random, plan);
  talk.near_wrap = false;
  talk.local_port = static_cast<std::uint16_t>(10'000 + plan.talks.size());
  for (unsigned i = between(random, 2, 5); i > 0; --i) {
    talk.opener.ending = Ending::kWhenSent;
    talk.acceptor.ending = random.chance(50) ? Ending::kWhenSent : Ending::kAfterPeer;
    talk.acceptor.echoes = false;
    plan.talks.push_back(talk);
    talk.after = static_cast<int>(plan.talks.size()) - 1;
    talk.start = milliseconds_between(random, 0, 300);
    talk.opener = draw_end(random);
    talk.acceptor = draw_end(random);
  }
}

HostPlan draw_host(Random& random) {
  HostPlan host;
  host.link = draw_link(random);
  host.defaults = draw_settings(random);
  for (int i = 0; i < 2; ++i) host.listeners.push_back(draw_settings(random));
  for (int i = 0; i < 2; ++i) host.profiles.push_back(draw_settings(random));
  if (random.chance(10)) host.backlog = between(random, 1, 4);
  return host;
}

Mishap draw_mishap(Random& random, const Plan& plan) {
  Mishap mishap;
  mishap.kind = static_cast<MishapKind>(random.below(7));
  mishap.host = random.below(static_cast<std::uint32_t>(plan.hosts.size()));
  mishap.at = milliseconds_between(random, 5, 3000);
  mishap.lasts = milliseconds_between(random, 50, 3000);
  if (mishap.kind == MishapKind::kMtu || mishap.kind == MishapKind::kBlackHole)
    mishap.amount = between(random, 1280, 1490);
  if (mishap.kind == MishapKind::kMtu) mishap.lasts = 3600s;
  if (mishap.kind == MishapKind::kClockJump) mishap.lasts = milliseconds_between(random, 1, 30'000);
  if (mishap.kind == MishapKind::kShortage) mishap.amount = random.below(20);
  if (mishap.kind == MishapKind::kStopListening) mishap.amount = random.below(2);
  return mishap;
}

}  // namespace

Plan draw_plan(std::uint64_t seed) {
  Random random{seed};
  Plan plan;
  plan.start = draw_start(random);
  const unsigned hosts = random.chance(60) ? 2 : between(random, 3, Plan::kHostsMax);
  for (unsigned i = 0; i < hosts; ++i) plan.hosts.push_back(draw_host(random));
  const unsigned talks = random.chance(2) ? 100 : between(random, 1, 12);
  for (unsigned i = 0; i < talks; ++i) {
    plan.talks.push_back(draw_talk(random, plan));
    if (random.chance(5)) make_simultaneous(random, plan.talks.back(), i);
  }
  if (random.chance(20)) add_chain(random, plan);
  while (random.chance(35)) plan.mishaps.push_back(draw_mishap(random, plan));
  return plan;
}

}  // namespace weir::testing
