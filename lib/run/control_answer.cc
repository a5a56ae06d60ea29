#include <fmt/format.h>
#include <array>

#include "control_answers.h"

namespace weir::run {
namespace {

Json answer_drain(const ControlSubject& subject, const Json&) {
  subject.drain();
  return {{"state", "draining"}};
}

Json answer_stop(const ControlSubject& subject, const Json&) {
  subject.stop();
  return {{"state", "stopping"}};
}

Json answer_reload(const ControlSubject& subject, const Json&) {
  const std::string wrong = subject.reload();
  if (!wrong.empty()) throw BadRequest(wrong);
  return {{"state", "reloaded"}};
}

struct Command {
  std::string_view name;
  Json (*answer)(const ControlSubject&, const Json&);
};

constexpr std::array kCommands{
    Command{"status", answer_status}, Command{"services", answer_services}, Command{"connections", answer_connections},
    Command{"drops", answer_drops},   Command{"metrics", answer_metrics},   Command{"reload", answer_reload},
    Command{"drain", answer_drain},   Command{"stop", answer_stop}};

std::string all_commands() {
  std::string list;
  for (const Command& command : kCommands) list += fmt::format("{}{}", list.empty() ? "" : ", ", command.name);
  return list;
}

Json run(const ControlSubject& subject, std::string_view text) {
  const Json request = Json::parse(text, nullptr, false);
  if (!request.is_object()) throw BadRequest("a request is a JSON object like {\"command\": \"status\"}");
  const auto name = field_or<std::string>(request, "command", "");
  const bool has_started = subject.state() != "starting";
  for (const Command& command : kCommands) {
    if (command.name == name && !has_started && name != "stop") throw BadRequest("the process is starting: ask again");
    if (command.name == name) return command.answer(subject, request);
  }
  throw BadRequest("unknown command; known are " + all_commands());
}

// Names in answers come from a checked configuration; text that is not UTF-8 must not end the process even so.
std::string as_line(const Json& answer) {
  return answer.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string answer(const ControlSubject& subject, std::string_view request) {
  try {
    Json answer{{"ok", true}};
    answer.update(run(subject, request));
    return as_line(answer);
  } catch (const std::exception& error) {
    return as_line({{"ok", false}, {"error", error.what()}});
  }
}

}  // namespace weir::run
