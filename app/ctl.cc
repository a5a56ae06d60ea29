#include <filesystem>

#include <fmt/format.h>

#include <weir/run/control_server.h>
#include <weir/run/process_config.h>

#include "commands.h"
#include "show.h"

namespace weir::app {
namespace {

namespace fs = std::filesystem;

// The only socket of the default folder.
fs::path only_socket() {
  const fs::path folder = run::default_control_socket("x").parent_path();
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() == ".sock") found.push_back(entry.path());
  }
  if (found.size() == 1) return found.front();
  if (found.empty())
    throw std::runtime_error(folder.string() + " holds no control socket; start weir, or give --socket");
  std::string names;
  for (const auto& path : found) names += " " + path.stem().string();
  throw std::runtime_error(fmt::format("which process? Give --name, one of:{}", names));
}

fs::path socket_of(const CtlOptions& options) {
  if (!options.socket.empty()) return options.socket;
  return options.name.empty() ? only_socket() : run::default_control_socket(options.name);
}

Json ask(run::ControlClient& client, const Json& request) {
  Json answer = Json::parse(client.ask(request.dump()), nullptr, false);
  if (!answer.is_object()) throw std::runtime_error("the answer is not JSON; is this weir's control socket?");
  if (!answer.value("ok", false)) throw std::runtime_error(answer.value("error", "refused without a reason"));
  answer.erase("ok");
  return answer;
}

Json request_of(const CtlOptions& options) {
  Json request{{"command", options.command}};
  if (options.all) request["all"] = true;
  if (!options.state.empty()) request["state"] = options.state;
  if (!options.service.empty()) request["service"] = options.service;
  return request;
}

// Calls take(page) for each page of the listing.
template <typename Take>
void each_page(run::ControlClient& client, Json request, Take&& take) {
  for (;;) {
    const Json page = ask(client, request);
    take(page);
    if (!page.contains("next")) return;
    request.update(page["next"]);
  }
}

void list_connections(run::ControlClient& client, const CtlOptions& options) {
  Json all{{"connections", Json::array()}};
  if (!options.json) fmt::print("{}", connections_title());
  each_page(client, request_of(options), [&](const Json& page) {
    if (!options.json) return fmt::print("{}", show_connections(page));
    for (const Json& one : page["connections"]) all["connections"].push_back(one);
  });
  if (options.json) fmt::print("{}\n", all.dump(2));
}

std::string show(const std::string& command, const Json& answer) {
  if (command == "status") return show_status(answer);
  if (command == "services") return show_services(answer);
  if (command == "drops") return show_drops(answer);
  if (command == "metrics") return answer["metrics"].get<std::string>();
  return answer.value("state", "") + "\n";
}

}  // namespace

int run_ctl(const CtlOptions& options) {
  run::ControlClient client(socket_of(options));
  if (options.command == "connections") {
    list_connections(client, options);
  } else {
    const Json answer = ask(client, request_of(options));
    fmt::print("{}", options.json ? answer.dump(2) + "\n" : show(options.command, answer));
  }
  return kDone;
}

}  // namespace weir::app
