#include <fmt/format.h>
#include <sys/un.h>
#include <algorithm>

#include "cookie_secrets.h"
#include "read_config.h"

namespace weir::run {
namespace {

constexpr std::size_t kNameMax = 32;

bool is_name(std::string_view name) {
  const std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789_-";
  return !name.empty() && name.size() <= kNameMax && name.find_first_not_of(allowed) == std::string_view::npos;
}

void read_name(TableReader& table, ProcessConfig& process) {
  const auto name = table.text("name");
  if (!name) return;
  if (is_name(name->value)) {
    process.name = name->value;
    return;
  }
  table.problems().add(name->place, fmt::format("\"{}\" cannot be a name of a file", name->value),
                       fmt::format("use a-z, 0-9, _ and -, at most {} of them", kNameMax));
}

void read_control_socket(TableReader& table, ProcessConfig& process) {
  process.control_socket = default_control_socket(process.name);
  const auto path = table.text("control_socket");
  if (!path) return;
  process.control_socket = path->value;
  const bool fits = path->value.size() < sizeof(sockaddr_un{}.sun_path);
  if (process.control_socket.is_absolute() && fits) return;
  table.problems().add(path->place, fmt::format("\"{}\" is {}", path->value, fits ? "not absolute" : "too long"),
                       fmt::format("write a path like \"{}\", of at most {} bytes",
                                   default_control_socket(process.name).string(), sizeof(sockaddr_un{}.sun_path) - 1));
}

void read_lcores(TableReader& table, ProcessConfig& process) {
  const auto lcores = table.text("lcores");
  if (!lcores) return;
  process.lcores = lcores->value;
  if (!lcores->value.empty() && lcores->value.find_first_not_of("0123456789,-@()") == std::string::npos) return;
  table.problems().add(lcores->place, fmt::format("\"{}\" is not a list of cores", lcores->value),
                       "write it as DPDK does, \"2-5\" or \"0@2,1@3\", or leave it out");
}

void read_cookie_secrets(TableReader& table, ProcessConfig& process) {
  const auto file = table.text("syn_cookie_secrets");
  if (!file) return;
  process.cookie_secrets_file = file->value;
  try {
    process.cookie_secrets = load_cookie_secrets(process.cookie_secrets_file);
  } catch (const BadSecrets& bad) {
    table.problems().add(file->place, bad.what(), bad.remedy());
  }
}

void read_sizes(TableReader& table, ProcessConfig& process) {
  table.number("memory_mb", process.memory_mb, 0, 4 << 20);
  table.number("packets", process.packets, 1024, 1 << 27);
  table.number("connections", process.connections, 16, 1 << 28);
  table.number("cold_blocks", process.cold_blocks, 16, 1 << 28);
  table.number("half_open", process.half_open, 16, 1 << 26);
  table.number("time_wait_v4", process.time_wait_v4, 16, 1 << 28);
  table.number("time_wait_v6", process.time_wait_v6, 16, 1 << 28);
  table.number("limited_sources", process.limited_sources, 16, 1 << 28);
}

void read_running(TableReader& table, ProcessConfig& process) {
  table.number("workers", process.workers, 1, kWorkersMax);
  read_lcores(table, process);
  table.choice("huge_pages", process.huge_pages,
               {{"auto", HugePages::kAuto}, {"never", HugePages::kNever}, {"require", HugePages::kRequire}});
  table.number("idle_sleep_us", process.idle_sleep_us, 0, 100'000);
  table.number("missteer_every", process.missteer_every, 0, 1'000'000);
  table.milliseconds("drain_deadline_ms", process.drain_deadline, 0, 86'400'000);
  table.choice("log_level", process.log_level,
               {{"debug", LogLevel::kDebug},
                {"info", LogLevel::kInfo},
                {"warning", LogLevel::kWarning},
                {"error", LogLevel::kError}});
}

}  // namespace

std::filesystem::path default_control_socket(const std::string& name) {
  return std::filesystem::path("/run/weir") / (name + ".sock");
}

void read_process(TableReader& top, ProcessConfig& process) {
  process.control_socket = default_control_socket(process.name);
  top.table("process", [&](TableReader& table) {
    read_name(table, process);
    read_control_socket(table, process);
    read_running(table, process);
    read_cookie_secrets(table, process);
    read_sizes(table, process);
  });
  top.table("tcp", [&](TableReader& table) { read_tcp(table, process.tcp); });
  read_ports(top, process);
  read_routes(top, process);
}

}  // namespace weir::run
