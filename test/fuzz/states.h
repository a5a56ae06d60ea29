// A well-behaved peer and an application bring the host's connection to a state of RFC 9293 §3.3.2.
#pragma once

#include "peer.h"

namespace weir::fuzz {

// Some text in both directions on the way, as the input says.
void bring_to(tcp::State state, Subject& subject, Peer& peer, Input& input);

}  // namespace weir::fuzz
