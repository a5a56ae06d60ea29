// One line about a packet, as tcpdump would say it: for traces, test failures and ladder diagrams.
#pragma once

#include <string>

#include <weir/wire/segment.h>

namespace weir::wire {

// "192.0.2.1:4000 > 192.0.2.2:80 [S.] seq 1 ack 2 win 65535 len 0 <mss 1460,sackOK,ts 1/2,wscale 7>"
std::string describe(const IpHeader& ip, const Segment& segment);
std::string describe_flags(std::uint8_t flags);  // "S.", "F.", "R", ...

}  // namespace weir::wire
