// Where facts come from: files of the kernel below a root, and the questions that no file answers. A test lays out
// files of its own in a directory and answers the questions itself.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <weir/nic/kernel_interface.h>

namespace weir::doctor {

struct Machine {
  std::filesystem::path root = "/";
  std::function<std::optional<nic::KernelInterface>(const std::string&)> interface = nic::kernel_interface;
  std::function<std::vector<unsigned>()> allowed_cpus;  // of this process, in order
  std::function<std::uint64_t()> available_memory;      // bytes of ordinary memory

  bool has(const std::string& path) const;
  std::string text(const std::string& path) const;  // whole; empty where there is no such file
  std::string line(const std::string& path) const;  // its first line, trimmed
  std::optional<std::int64_t> number(const std::string& path) const;
  std::vector<unsigned> cpus(const std::string& path) const;     // "0-3,8" as written in cpulist files
  std::vector<std::string> list(const std::string& path) const;  // names in a directory, sorted
  std::string link_target(const std::string& path) const;        // last name of where a link points
};

// The one that this process runs on.
Machine this_machine();

// "0-3,8" and back. What is no number is passed over.
std::vector<unsigned> parse_cpus(std::string_view text);
std::string ranges(const std::vector<unsigned>& cpus);

// The CPUs of each worker under EAL's --lcores ("0@2,1@3", "4-7", "0@(2-3)"), in the order of the workers.
std::vector<unsigned> cpus_of_lcores(std::string_view lcores);

}  // namespace weir::doctor
