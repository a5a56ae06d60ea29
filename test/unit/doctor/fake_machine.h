// A machine laid out in a temporary directory: one that lacks nothing, until a test takes something away.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <weir/doctor/finding.h>

namespace weir::doctor {

class FakeMachine {
 public:
  FakeMachine();  // 8 CPUs in 4 cores on 2 nodes, 1024 huge pages on each, an "ice" NIC at 0000:03:00.0 on node 0
  ~FakeMachine();

  void write(const std::string& path, const std::string& text);
  void link(const std::string& path, const std::string& target);
  void remove(const std::string& path);
  void set_cpus(const std::string& file, const std::string& text);  // below each CPU's folder

  std::map<std::string, nic::KernelInterface> interfaces;
  std::uint64_t available_memory = std::uint64_t{32} << 30;

  Machine machine() const;
  // The judgement of one check over what gather() finds; fails the test where there is none.
  Judgement judge(const std::string& check, std::optional<run::AnyConfig> config = std::nullopt) const;

 private:
  void lay_out_cpus();
  void lay_out_memory();
  void lay_out_nic();

  std::filesystem::path root_;
};

constexpr const char* kNic = "0000:03:00.0";

// `weir serve` on one port, lcores "0@0,1@2,...": a core of node 0 for each of the first two workers.
run::AnyConfig config_for(const std::string& device, unsigned workers = 1);

// That check's judgement among findings.
Judgement find(const std::vector<Finding>& findings, const std::string& check);

}  // namespace weir::doctor
