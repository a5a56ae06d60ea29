#include <fmt/format.h>
#include <algorithm>

#include "read_config.h"
#include "secret.h"
#include "uses.h"

namespace weir::run {
namespace {

using balance::ServiceConfig;

struct Seen {
  Unique<std::string> names;
  Unique<Endpoint> endpoints;
};

void read_name(TableReader& table, ServiceConfig& service, Seen& seen) {
  table.require("name", "write name = \"web\"; it is shown in figures and logs");
  const auto name = table.text("name");
  if (!name) return;
  service.name = name->value;
  check_label(table.problems(), *name);
  seen.names.add(name->value, name->place, fmt::format("service \"{}\"", name->value), "choose another name");
}

void read_listen(TableReader& table, ProcessConfig& process, ServiceConfig& service, Seen& seen) {
  table.require("listen", "write listen = [\"192.0.2.80:80\"], the virtual addresses that clients connect to");
  for (const auto& endpoint : table.all_parsed<Endpoint>("listen", kEndpointForm)) {
    if (!check_endpoint(table.problems(), endpoint)) continue;
    seen.endpoints.add(endpoint.value, endpoint.place, endpoint.value.to_string(), "one service only can have it");
    announce(table.problems(), process, {endpoint.value.address, endpoint.place});
    service.listen.push_back(endpoint.value);
  }
}

void read_sources(TableReader& table, ProcessConfig& process, ServiceConfig& service) {
  Unique<IpAddress> sources(table.problems());
  for (const auto& source : table.all_parsed<IpAddress>("source_addresses", kAddressForm)) {
    sources.add(source.value, source.place, source.value.to_string(), "write it once");
    announce(table.problems(), process, source);
    service.sources.push_back(source.value);
  }
}

bool is_prime(std::uint32_t n) {
  for (std::uint32_t i = 2; i * i <= n; ++i) {
    if (n % i == 0) return false;
  }
  return n >= 2;
}

void read_maglev_secret(TableReader& table, ServiceConfig& service) {
  const auto text = table.text("maglev_secret");
  if (!text) return;
  const auto secret = parse_secret(text->value);
  if (!secret)
    return table.problems().add(text->place, "is not a secret of 128 bits", "write what `openssl rand -hex 16` prints");
  service.maglev_key = *secret;
}

void read_maglev(TableReader& table, ServiceConfig& service) {
  constexpr std::size_t kEntriesPerBackend = 100;  // below it shares differ by more than about 1 %
  read_maglev_secret(table, service);
  table.number("maglev_table_entries", service.maglev_table, 2, balance::kMaglevTableMax);
  if (service.scheduler != balance::SchedulerKind::kMaglev) return;
  const bool is_large = service.maglev_table >= kEntriesPerBackend * service.backends.size();
  if (is_large && is_prime(service.maglev_table)) return;
  const char* why = is_large ? "{} is not prime" : "{} entries are too few for {} back ends";
  table.problems().add(table.place("maglev_table_entries"),
                       fmt::format(fmt::runtime(why), service.maglev_table, service.backends.size()),
                       "write a prime of at least 100 times the back ends: 65537, 655373 or 5000011");
}

void read_choices(TableReader& table, ServiceConfig& service) {
  using balance::ProxyProtocol;
  using balance::SchedulerKind;
  table.choice("mode", service.mode, {{"proxy", balance::Mode::kProxy}});
  table.choice("scheduler", service.scheduler,
               {{"round_robin", SchedulerKind::kRoundRobin},
                {"least_connections", SchedulerKind::kLeastConnections},
                {"maglev", SchedulerKind::kMaglev}});
  table.choice("proxy_protocol", service.proxy_protocol,
               {{"none", ProxyProtocol::kNone}, {"v1", ProxyProtocol::kV1}, {"v2", ProxyProtocol::kV2}});
}

void read_limits(TableReader& table, const ProcessConfig& process, ServiceConfig& service) {
  constexpr std::int64_t kDayMs = 86'400'000;
  table.number("retries", service.retries, 0, balance::kRetriesMax);
  table.number("backlog", service.backlog, 1, 1 << 20);
  table.number("buffer_bytes", service.buffer_bytes, balance::kBufferBytesMin, 1 << 30);
  table.milliseconds("connect_timeout_ms", service.timeouts.connect, 10, 600'000);
  table.milliseconds("idle_timeout_ms", service.timeouts.idle, 100, 30 * kDayMs);
  table.milliseconds("close_timeout_ms", service.timeouts.close, 100, kDayMs);
  read_own_tcp(table, process.tcp, service.tcp);
  table.table("health", [&](TableReader& health) { read_health(health, service.health); });
}

void read_service(TableReader& table, ProcessConfig& process, ServiceConfig& service, Seen& seen) {
  read_name(table, service, seen);
  read_listen(table, process, service, seen);
  read_choices(table, service);
  read_sources(table, process, service);
  read_limits(table, process, service);
  read_backends(table, process, service);
  read_maglev(table, service);
}

// A proxied client takes two connections.
LimitsBound bound_of(const ProcessConfig& process) {
  return {process.connections / 2, "half of connections under [process], as a client takes two"};
}

}  // namespace

void read_services(TableReader& top, ProcessConfig& process, balance::BalancerConfig& balancer) {
  Seen seen{Unique<std::string>(top.problems()), Unique<Endpoint>(top.problems())};
  top.require("service", "add a [[service]] with name, listen and [[service.backend]]");
  const CommonLimits limits = read_common_limits(top, bound_of(process));
  top.tables("service", [&](TableReader& table) {
    balance::ServiceConfig& service = balancer.services.emplace_back();
    read_service(table, process, service, seen);
    process.limits.push_back({service.name, read_own_limits(table, limits)});
  });
  balancer.sessions = std::max(1U, process.per_worker(process.connections) / 2);
  if (balancer.services.size() <= balance::kServicesMax) return;
  top.problems().add(top.place("service"), fmt::format("there are {} services", balancer.services.size()),
                     fmt::format("configure at most {}", balance::kServicesMax));
}

}  // namespace weir::run
