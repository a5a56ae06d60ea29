// What really happened, by name.
#include "world.h"

namespace weir::testing {

void World::report() {
  for (const Talk& talk : talks_) report_talk(talk);
  report_wire();
  for (const Party& party : parties_)
    for (unsigned i = 0; i < tcp::kCounters; ++i) {
      const auto counter = static_cast<tcp::Counter>(i);
      verdict_.tally.add(std::string("tcp: ") + tcp::to_string(counter), party.at->host().counters()[counter]);
    }
  verdict_.tally.add("run: seeds");
  verdict_.tally.add("run: steps", simulation_.steps());
}

void World::report_talk(const Talk& talk) {
  Tally& tally = verdict_.tally;
  auto add = [&](const char* name, bool happened) { tally.add(std::string("application: ") + name, happened ? 1 : 0); };
  add("connections", talk.opener != nullptr);
  add("opened", talk.opener != nullptr && talk.opener->was_open());
  add("over IPv4", talk.plan.is_v4);
  add("over IPv6", !talk.plan.is_v4);
  add("ports used again", talk.plan.after >= 0 && talk.opener != nullptr && talk.opener->was_open());
  add("excused from completeness", talk.is_excused);
  for (const Talker* end : {talk.opener, talk.acceptor}) {
    if (end == nullptr) continue;
    const EndPlan& plan = end->plan();
    tally.add("application: bytes read", end->received());
    add("aborts", end->was_rude() && plan.ending == Ending::kAbort);
    add("early closes", end->was_rude() && plan.ending == Ending::kEarly);
    add("half-closes", plan.ending == Ending::kWhenSent && end->saw_end());
    add("echoes by splice", plan.echoes && end->received() > 0);
    add("tiny writes", plan.chunk <= 50 && end->sent() > 0);
    add("huge writes", plan.chunk == 65536 && plan.bytes > 60'000);
    add("slow readers", plan.read_gap > Duration{} && end->received() > 0);
    add("late readers", plan.first_read > Duration{} && end->received() > 0);
    add("Nagle off", plan.no_delay && end->sent() > 0);
    add(std::string("ended: ").append(to_string(end->reason())).c_str(), true);
  }
}

void World::report_wire() {
  Tally& tally = verdict_.tally;
  const LinkCounts link = simulation_.counts();
  const std::pair<const char*, std::uint64_t> counts[] = {
      {"link: packets", link.sent},
      {"link: lost", link.lost},
      {"link: lost in bursts", link.burst_lost},
      {"link: dropped by full queues", link.queue_dropped},
      {"link: queued", link.queued},
      {"link: reordered", link.reordered},
      {"link: duplicated", link.duplicated},
      {"link: corrupted", link.corrupted},
      {"link: marked (ECN)", link.marked},
      {"link: too big", link.too_big},
      {"link: black-holed", link.black_holed},
      {"link: down", link.down},
      {"host: no packet to receive into", link.no_buffer},
      {"host: packets late by a pause", link.postponed},
      {"wire: segments", observer_.counts().segments},
      {"wire: bytes", observer_.counts().bytes},
      {"wire: bytes sent again", observer_.counts().bytes_again},
      {"wire: resets", observer_.counts().resets},
      {"wire: zero windows", observer_.counts().zero_windows},
      {"wire: window probes", observer_.counts().probes},
      {"wire: sequence numbers wrapped", observer_.counts().wraps},
      {"wire: SACK blocks", observer_.counts().sack_blocks},
      {"wire: simultaneous opens", observer_.counts().simultaneous_opens},
      {"wire: ECN-capable", observer_.counts().ecn_capable}};
  for (const auto& [name, n] : counts) tally.add(name, n);
}

}  // namespace weir::testing
