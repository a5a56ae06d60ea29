// SYNs from addresses of a test network, each as if it were another client's: for the defences of a target that its
// operator has named. No state: what comes back finds nobody.
#pragma once

#include <cstdint>
#include <vector>

#include <weir/base/random.h>
#include <weir/load/generator_config.h>
#include <weir/load/schedule.h>
#include <weir/stack/host.h>
#include <weir/wire/answer_template.h>

namespace weir::load {

class SynFlood {
 public:
  static constexpr unsigned kBurst = 32;  // packets of one turn: no more than a turn takes in of what answers them

  SynFlood(const GeneratorConfig& config, std::uint64_t seed);

  // Sends what is due, at most kBurst; returns how many left. Stops early when packets run out.
  unsigned send(stack::Host& host, Schedule& schedule, Instant now);

 private:
  bool send_one(stack::Host& host);
  IpAddress source_for(const IpAddress& target);

  const GeneratorConfig& config_;
  Random random_;
  std::vector<wire::AnswerTemplate> syns_;  // by target
  std::size_t target_ = 0;
};

// An address of the network, its host part drawn. The first and last of an IPv4 network are left out where it has more
// than two.
IpAddress random_address(const Prefix& network, Random& random);

}  // namespace weir::load
