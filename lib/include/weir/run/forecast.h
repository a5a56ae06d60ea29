// What a configuration will take of the machine, told before anything is taken.
#pragma once

#include <string>
#include <vector>

#include <weir/run/config.h>
#include <weir/stack/host.h>

namespace weir::run {

// Sizes and TCP settings of one worker's host. Steering, secrets and seed are the process's to fill in.
stack::HostConfig host_config(const ProcessConfig& config);

// Of the whole process: every worker's host, the packets, and `sessions_bytes` for what the application holds.
stack::MemoryForecast forecast(const ProcessConfig& config, std::uint64_t sessions_bytes);
// The packet pool's share of it.
std::uint64_t packet_bytes(const ProcessConfig& config);
std::uint64_t session_bytes(const LbConfig& config);
std::uint64_t session_bytes(const ServeConfig& config);
std::uint64_t session_bytes(const CpsConfig& config);

// Huge pages of 2 MiB that hold it all, each part in its own.
std::uint64_t huge_pages(const stack::MemoryForecast& forecast);

// "memory: 120 MiB, or 60 huge pages of 2 MiB (connections 8 MiB, ...)"
std::string describe(const stack::MemoryForecast& forecast);

// Throws OutOfMemory, saying what to lower or to give, where the forecast exceeds what the machine has: `ordinary` and
// `huge` bytes. Packets lie in huge pages all together, or none of them does.
void require_memory(const stack::MemoryForecast& forecast, std::uint64_t ordinary, std::uint64_t huge);

// Source ports of a family: what they allow, if each rests for TIME_WAIT after its use.
struct PortArithmetic {
  std::uint64_t sources = 0, targets = 0;
  std::uint64_t ports = 0;  // all pairs' together
  double time_wait_s = 0;
  double per_second = 0;  // ports / time_wait_s
};

// How many new connections a second the source addresses of each service allow towards one back end, by family, and
// what to do where that is little: "2 addresses x 64512 ports / 60 s TIME_WAIT = 2150 connections/s per back end".
std::vector<std::string> describe_source_ports(const LbConfig& config);

// The same for the generator's own, and whether they suffice.
PortArithmetic port_arithmetic(const CpsConfig& config, Family family);
std::vector<std::string> describe_source_ports(const CpsConfig& config);
// Why the rate cannot be kept with the ports there are, where that is certain: we close first, so that each rests here.
// Empty when it can.
std::string port_shortage(const CpsConfig& config, Family family);

// What --check prints below "FILE: ok".
std::string summary(const LbConfig& config);
std::string summary(const ServeConfig& config);
std::string summary(const CpsConfig& config);

}  // namespace weir::run
