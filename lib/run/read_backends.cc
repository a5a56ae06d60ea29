#include <fmt/format.h>
#include <algorithm>

#include "read_config.h"
#include "uses.h"

namespace weir::run {
namespace {

struct Seen {
  Unique<std::string> names;
  Unique<Endpoint> addresses;
};

void read_backend(TableReader& table, ProcessConfig& process, balance::ServiceConfig& service, Seen& seen) {
  table.require("name", "write name = \"web-1\"; it is shown in figures and logs");
  table.require("address", "write address = \"192.0.2.11:80\"");
  balance::BackendConfig backend;
  if (const auto name = table.text("name")) {
    backend.name = name->value;
    check_label(table.problems(), *name);
    seen.names.add(name->value, name->place, fmt::format("back end \"{}\"", name->value), "choose another name");
  }
  table.number("weight", backend.weight, 0, balance::kWeightMax);
  const auto address = table.parsed<Endpoint>("address", kEndpointForm);
  if (!address || !check_endpoint(table.problems(), *address)) return;
  backend.address = address->value;
  seen.addresses.add(address->value, address->place, address->value.to_string(), "give it one [[service.backend]]");
  check_backend(table, process, service, backend);
  service.backends.push_back(std::move(backend));
}

void check_count(TableReader& table, const balance::ServiceConfig& service, bool any_written) {
  if (!any_written) {
    Place at = table.place();
    return table.problems().add(at, "has no back ends", "add [[service.backend]] with name and address under it");
  }
  if (service.backends.size() <= balance::kBackendsMax) return;
  table.problems().add(table.place("backend"), fmt::format("there are {} back ends", service.backends.size()),
                       fmt::format("configure at most {}", balance::kBackendsMax));
}

}  // namespace

void read_health(TableReader& table, balance::HealthConfig& health) {
  table.flag("enabled", health.enabled);
  table.milliseconds("interval_ms", health.interval, 10, 3'600'000);
  table.milliseconds("timeout_ms", health.timeout, 1, 600'000);
  table.number("rise", health.rise, 1, 255);
  table.number("fall", health.fall, 1, 255);
}

void read_backends(TableReader& table, ProcessConfig& process, balance::ServiceConfig& service) {
  Seen seen{Unique<std::string>(table.problems()), Unique<Endpoint>(table.problems())};
  bool any_written = false;
  table.tables("backend", [&](TableReader& backend) {
    any_written = true;
    read_backend(backend, process, service, seen);
  });
  check_count(table, service, any_written);
}

}  // namespace weir::run
