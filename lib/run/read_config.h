// The parts of a configuration file, each read into its plain values. What is wrong is noted with the reader's
// problems.
#pragma once

#include "read_limits.h"
#include "table_reader.h"

namespace weir::run {

// Both throw ConfigError.
std::string read_whole(const std::string& file);
toml::table parse_toml(std::string_view text, const std::string& name);

// [process], [tcp], [[port]], [[route]], [[neighbour]] of the file's top table.
void read_process(TableReader& top, ProcessConfig& process);
void read_tcp(TableReader& tcp, tcp::Settings& settings);
// The table `tcp` of a [[service]] or [[server]]: what it does not say is as `base` has it. Nothing without the table.
void read_own_tcp(TableReader& parent, const tcp::Settings& base, std::optional<tcp::Settings>& own);
void read_ports(TableReader& top, ProcessConfig& process);
void read_routes(TableReader& top, ProcessConfig& process);  // after the ports
// [[service]] and [[server]]; what they listen on and connect from is announced on the ports read before.
void read_services(TableReader& top, ProcessConfig& process, balance::BalancerConfig& balancer);
void read_servers(TableReader& top, ProcessConfig& process, load::ServeConfig& serve);
// [load]; its sources are announced likewise.
void read_load(TableReader& top, CpsConfig& config);
// What does not fit together, found when all is read.
void check_load(TableReader& load, CpsConfig& config);
// "192.0.2.10", "192.0.2.10-192.0.2.60" or "192.0.2.64/26": the addresses of hosts. At most kSourcesMax.
std::vector<IpAddress> read_sources(TableReader& load, std::string_view key);

// A [[service]]'s tables beside its own keys.
void read_health(TableReader& health, balance::HealthConfig& config);
void read_backends(TableReader& service, ProcessConfig& process, balance::ServiceConfig& config);
// Can the back end be reached, from an address of its family?
void check_backend(TableReader& table, ProcessConfig& process, const balance::ServiceConfig& service,
                   const balance::BackendConfig& backend);

}  // namespace weir::run
