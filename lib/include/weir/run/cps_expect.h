// Conditions on a result, for exit codes: "rate >= 100000", "errors <= 0.01%", "p99 <= 5ms".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <weir/run/cps_result.h>

namespace weir::run {

inline constexpr std::string_view kExpectationForm =
    "write \"rate >= 100000\", \"errors <= 0.01%\", \"failed == 0\", \"p99 <= 5ms\", \"handshake_p99.9 < 800us\", "
    "\"first_byte_p50 <= 1ms\", \"retransmissions <= 10\", \"packets_per_connection <= 6.1\", \"throughput >= 10e9\" "
    "or "
    "\"marks == 0\"";

struct Expectation {
  std::string text;
  std::string field;
  std::string relation;  // "<", "<=", ">", ">=", "=="
  double bound = 0;      // latencies: nanoseconds; errors: share
};

// Empty when it is one.
std::string why_no_expectation(std::string_view text);
Expectation parse_expectation(std::string_view text);  // of one that is

Outcome judge(const Expectation& expectation, const CpsRun& run, load::GeneratorMode mode);

}  // namespace weir::run
