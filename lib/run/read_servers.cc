#include <fmt/format.h>
#include <algorithm>

#include "read_config.h"
#include "uses.h"

namespace weir::run {
namespace {

using load::ServerConfig;
using load::ServerKind;

constexpr std::uint32_t kBufferBytesMin = 4096;

struct Seen {
  Unique<std::string> names;
  Unique<Endpoint> endpoints;
};

void read_name(TableReader& table, ServerConfig& server, Seen& seen) {
  server.name = to_string(server.kind);
  Place at = table.place();
  if (const auto name = table.text("name")) {
    server.name = name->value;
    check_label(table.problems(), *name);
    at = name->place;
  }
  seen.names.add(server.name, at, fmt::format("server \"{}\"", server.name), "give it a name = of its own");
}

// A server may listen on every address of a family; else one of a port serves it.
void read_listen(TableReader& table, ProcessConfig& process, ServerConfig& server, Seen& seen) {
  table.require("listen", "write listen = [\"192.0.2.2:80\"], or [\"0.0.0.0:80\", \"[::]:80\"] for all addresses");
  for (const auto& endpoint : table.all_parsed<Endpoint>("listen", kEndpointForm)) {
    const IpAddress& address = endpoint.value.address;
    if (!check_port(table.problems(), endpoint)) continue;
    seen.endpoints.add(endpoint.value, endpoint.place, endpoint.value.to_string(), "one server only can have it");
    if (!address.is_unspecified()) announce(table.problems(), process, {address, endpoint.place});
    server.listen.push_back(endpoint.value);
  }
}

void read_server(TableReader& table, ProcessConfig& process, ServerConfig& server, Seen& seen) {
  table.require("kind", "write kind = \"http\", \"echo\", \"discard\" or \"chargen\"");
  table.choice("kind", server.kind,
               {{"http", ServerKind::kHttp},
                {"echo", ServerKind::kEcho},
                {"discard", ServerKind::kDiscard},
                {"chargen", ServerKind::kChargen}});
  read_name(table, server, seen);
  read_listen(table, process, server, seen);
  constexpr std::int64_t kBodyMax = std::int64_t{1} << 40;
  table.number("body_bytes", server.body_bytes, 0, kBodyMax);
  table.number("largest_body_bytes", server.largest_body, 0, kBodyMax);
  table.number("header_bytes", server.header_bytes, load::kHeaderBytesMin, load::kHeaderBytesMax);
  table.number("buffer_bytes", server.buffer_bytes, kBufferBytesMin, 1 << 30);
  table.number("backlog", server.backlog, 1, 1 << 20);
  table.milliseconds("idle_timeout_ms", server.idle, 100, 86'400'000);
  read_own_tcp(table, process.tcp, server.tcp);
}

}  // namespace

void read_servers(TableReader& top, ProcessConfig& process, load::ServeConfig& serve) {
  Seen seen{Unique<std::string>(top.problems()), Unique<Endpoint>(top.problems())};
  top.require("server", "add a [[server]] with kind and listen");
  const CommonLimits limits = read_common_limits(top, {process.connections, "connections under [process]"});
  top.tables("server", [&](TableReader& table) {
    load::ServerConfig& server = serve.servers.emplace_back();
    read_server(table, process, server, seen);
    process.limits.push_back({server.name, read_own_limits(table, limits)});
  });
  serve.sessions = process.per_worker(process.connections);
  serve.requests = process.per_worker(process.cold_blocks);
  if (serve.servers.size() <= load::kServersMax) return;
  top.problems().add(top.place("server"), fmt::format("there are {} servers", serve.servers.size()),
                     fmt::format("configure at most {}", load::kServersMax));
}

}  // namespace weir::run
