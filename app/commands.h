// What the program's subcommands do, apart from reading the command line.
#pragma once

#include <string>
#include <vector>

namespace weir::app {

// Exit codes of `weir`, as --help tells them.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;    // while running, or nobody answered
inline constexpr int kUnusable = 2;  // command line or configuration, or this machine lacks what that asks for

struct RunOptions {
  std::string config;
  bool check = false;    // read and judge the configuration, start nothing
  bool verbose = false;  // log everything, DPDK's own messages too
};
int run_lb(const RunOptions& options);
int run_serve(const RunOptions& options);

struct CpsOptions {
  RunOptions run;
  std::string json, csv, report;    // files to write
  std::vector<std::string> expect;  // conditions besides the configuration's
  unsigned repeat = 1;
  bool find_max = false;
  double errors_below = 0.001;  // of --find-max: a share
  double p99_below_ms = 50;     // likewise
  std::string compare_a, compare_b;
  std::string report_of;  // a result to make `report` of
};
int run_cps(const CpsOptions& options);
int compare_cps(const CpsOptions& options);
int report_cps(const CpsOptions& options);

struct CtlOptions {
  std::string command;  // "status", ...
  std::string socket;   // path; or
  std::string name;     // of the process; neither: the only one there is
  std::string state, service;
  bool json = false;
  bool all = false;
};
int run_ctl(const CtlOptions& options);

struct DoctorOptions {
  std::string config;  // path; empty: the machine alone
  bool json = false;
};
int run_doctor(const DoctorOptions& options);

}  // namespace weir::app
