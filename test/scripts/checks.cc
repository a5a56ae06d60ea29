// What a script checks beside packets.
#include <array>
#include <optional>
#include <utility>

#include "names.h"
#include "runner.h"

namespace weir::scripts {

namespace {

constexpr std::array kEvents{Named{"opened", WEIR_OPENED},     Named{"readable", WEIR_READABLE},
                             Named{"writable", WEIR_WRITABLE}, Named{"peer-closed", WEIR_PEER_CLOSED},
                             Named{"closed", WEIR_CLOSED},     Named{"soft-error", WEIR_SOFT_ERROR},
                             Named{"urgent", WEIR_URGENT}};

std::optional<std::uint64_t> number_in(const weir_info& info, const std::string& field) {
  const std::pair<const char*, std::uint32_t> fields[] = {{"unsent", info.unsent},
                                                          {"unacknowledged", info.unacknowledged},
                                                          {"unread", info.unread},
                                                          {"cwnd", info.cwnd},
                                                          {"ssthresh", info.ssthresh},
                                                          {"snd_wnd", info.snd_wnd},
                                                          {"rcv_wnd", info.rcv_wnd},
                                                          {"srtt_us", info.srtt_us},
                                                          {"rttvar_us", info.rttvar_us},
                                                          {"rto_ms", info.rto_ms},
                                                          {"mss", info.mss},
                                                          {"retries", info.retries},
                                                          {"backoff", info.backoff},
                                                          {"sack", info.sack},
                                                          {"timestamps", info.timestamps},
                                                          {"window_scale", info.window_scale},
                                                          {"snd_scale", info.snd_scale},
                                                          {"rcv_scale", info.rcv_scale},
                                                          {"sacked", info.sacked},
                                                          {"lost", info.lost},
                                                          {"out_of_order", info.out_of_order},
                                                          {"in_recovery", info.in_recovery},
                                                          {"urgent", info.urgent}};
  for (const auto& [name, value] : fields)
    if (field == name) return value;
  return {};
}

}  // namespace

bool holds(std::uint64_t got, const std::string& comparison, std::uint64_t value) {
  if (comparison == "==") return got == value;
  if (comparison == "!=") return got != value;
  if (comparison == "<") return got < value;
  if (comparison == "<=") return got <= value;
  if (comparison == ">") return got > value;
  if (comparison == ">=") return got >= value;
  throw ScriptError("a comparison is ==, !=, <, <=, > or >=");
}

void Runner::check_info(const Step& step) {
  Words words{step.words.begin() + 1, step.words.end()};
  const std::string flow_name = take_flow(words);
  if (words.size() != 3) fail("info FIELD COMPARISON VALUE");
  weir_info info{};
  info.size = sizeof info;
  const int error = weir_get_info(harness_.get(), connection(flow_name), &info);
  if (error != WEIR_OK) fail(std::string{"info: "} + weir_error_text(error));
  if (words[0] == "state" || words[0] == "reason") {
    const std::string got = words[0] == "state" ? info.state : info.reason;
    if ((got == words[2]) != (words[1] == "==")) fail(words[0] + ": expected " + words[2] + ", got " + got);
    return;
  }
  const auto got = number_in(info, words[0]);
  if (!got) fail("info has no " + words[0]);
  if (!holds(*got, words[1], read_number(words[2]))) fail(words[0] + ": got " + std::to_string(*got));
}

void Runner::check_count(const Step& step) {
  if (step.words.size() != 4) fail("count NAME COMPARISON VALUE");
  const std::int64_t got = weir_count(harness_.get(), step.words[1].c_str());
  if (got < 0) fail("there is no count of " + step.words[1]);
  if (!holds(static_cast<std::uint64_t>(got), step.words[2], read_number(step.words[3])))
    fail(step.words[1] + ": got " + std::to_string(got));
}

// All that happened to the connection since it was last asked: exactly the events named, or "none".
void Runner::check_events(const Step& step) {
  Words words{step.words.begin() + 1, step.words.end()};
  const std::string flow_name = take_flow(words);
  weir_event event;
  while (weir_next_event(harness_.get(), &event) == 1) events_[event.connection] |= event.what;
  std::uint32_t wanted = 0;
  for (const std::string& word : words)
    if (word != "none") wanted |= static_cast<std::uint32_t>(value_of(kEvents, word));
  const std::uint32_t got = std::exchange(events_[connection(flow_name)], 0U);
  if (got == wanted) return;
  std::string names;
  for (const Named& one : kEvents)
    if ((got & static_cast<std::uint32_t>(one.value)) != 0) names += std::string{" "} + one.name;
  fail("event: got" + (names.empty() ? " none" : names));
}

}  // namespace weir::scripts
