#include <fmt/format.h>

#include "show.h"
#include "table.h"

namespace weir::app {
namespace {

std::string number(const Json& value) {
  return fmt::format("{}", value.get<std::uint64_t>());
}

std::string listen(const Json& service) {
  std::string text;
  for (const Json& endpoint : service["listen"]) text += " " + endpoint.get<std::string>();
  return text;
}

// What ended a client's connection otherwise than it wished, where anything did.
std::string troubles(const Json& service) {
  std::string text;
  for (const char* name :
       {"retries", "client_resets", "no_backend", "out_of_tries", "no_resources", "idle_timeouts", "close_timeouts"}) {
    if (service[name] != 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, number(service[name]));
  }
  return text.empty() ? "" : "  " + text + "\n";
}

std::string health(const Json& backend) {
  return fmt::format("{} ({})", backend["healthy"].get<bool>() ? "up" : "DOWN",
                     backend["last_check"].get<std::string>());
}

std::string backends(const Json& list) {
  Table table({"back end", "address", "weight", "health", "since", "open", "total", "refused", "timeout", "reset", "in",
               "out"});
  for (const Json& one : list) {
    table.add({one["name"].get<std::string>(), one["address"].get<std::string>(), number(one["weight"]), health(one),
               human_seconds(one["since_s"].get<double>()), number(one["open"]), number(one["total"]),
               number(one["refused"]), number(one["timeout"]), number(one["reset"]),
               human_bytes(one["bytes_in"].get<std::uint64_t>()), human_bytes(one["bytes_out"].get<std::uint64_t>())});
  }
  return table.to_string();
}

std::string show_servers(const Json& list) {
  Table table({"server", "kind", "open", "total", "requests", "bad", "resets", "idle", "in", "out"});
  for (const Json& one : list) {
    table.add({one["name"].get<std::string>(), one["kind"].get<std::string>(), number(one["open"]),
               number(one["total"]), number(one["requests"]), number(one["bad_requests"]), number(one["resets"]),
               number(one["idle_timeouts"]), human_bytes(one["bytes_in"].get<std::uint64_t>()),
               human_bytes(one["bytes_out"].get<std::uint64_t>())});
  }
  return table.to_string();
}

}  // namespace

std::string show_services(const Json& answer) {
  if (answer.contains("servers")) return show_servers(answer["servers"]);
  std::string text;
  for (const Json& one : answer["services"]) {
    text += fmt::format("{}{}: {},{}, {}, {}\n  {} open, {} in all\n", text.empty() ? "" : "\n",
                        one["name"].get<std::string>(), one["state"].get<std::string>(), listen(one),
                        one["mode"].get<std::string>(), one["scheduler"].get<std::string>(), number(one["open"]),
                        number(one["total"]));
    text += troubles(one) + backends(one["backends"]);
  }
  return text;
}

}  // namespace weir::app
