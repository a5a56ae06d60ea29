// Small configuration files that are right, for tests that spoil or extend them.
#pragma once

namespace weir::run {

inline constexpr const char* kSmallestLb = R"([[port]]
device = "net_tap0,iface=t"
addresses = ["10.0.0.2/24", "fd00::2/64"]
[[service]]
name = "web"
listen = ["10.0.0.80:80", "[fd00::80]:80"]
[[service.backend]]
name = "one"
address = "10.0.0.11:8080"
)";

inline constexpr const char* kSmallestServe = R"([[port]]
device = "0000:03:00.0"
addresses = ["10.0.0.2/24"]
[[server]]
kind = "echo"
listen = "0.0.0.0:7"
)";

}  // namespace weir::run
