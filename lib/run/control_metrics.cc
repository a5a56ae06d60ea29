// The status of a process in the text format of Prometheus (exposition format 0.0.4), which OpenMetrics scrapers read.
#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>

#include "control_answers.h"

namespace weir::run {
namespace {

enum class Kind : std::uint8_t { kCounter, kGauge };

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' ? std::string{"\\n"} : std::string{c};
  }
  return out;
}

struct Label {
  std::string_view name;
  std::string value;
};

// Families one after the other: a family's samples stand together.
class Text {
 public:
  void family(std::string name, Kind kind, std::string_view help) {
    name_ = "weir_" + std::move(name) + (kind == Kind::kCounter ? "_total" : "");
    text_ +=
        fmt::format("# HELP {} {}\n# TYPE {} {}\n", name_, help, name_, kind == Kind::kCounter ? "counter" : "gauge");
  }
  void sample(const Json& value, std::initializer_list<Label> labels = {}) {
    std::string list;
    for (const Label& label : labels)
      list += fmt::format("{}{}=\"{}\"", list.empty() ? "" : ",", label.name, escaped(label.value));
    text_ += list.empty() ? name_ : fmt::format("{}{{{}}}", name_, list);
    text_ += fmt::format(" {}\n", value.is_boolean() ? (value.get<bool>() ? "1" : "0") : value.dump());
  }
  std::string take() { return std::move(text_); }

 private:
  std::string name_, text_;
};

struct Field {
  const char* key;
  const char* name;
  Kind kind;
  const char* help;
};

std::string label_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// A family for each field, a sample for each element of the list, told apart by its `key`.
template <std::size_t kCount>
void write_list(Text& text, const Json& list, const char* key, const char* label,
                const std::array<Field, kCount>& fields) {
  for (const Field& field : fields) {
    text.family(field.name, field.kind, field.help);
    for (const Json& one : list) text.sample(one[field.key], {{label, label_of(one[key])}});
  }
}

void write_process(Text& text, const Json& status) {
  text.family("build_info", Kind::kGauge, "1; the labels say which process of which version.");
  text.sample(1, {{"program", label_of(status["program"])},
                  {"name", label_of(status["name"])},
                  {"version", label_of(status["version"])}});
  text.family("uptime_seconds", Kind::kGauge, "Time since start.");
  text.sample(status["uptime_s"]);
  text.family("connections", Kind::kGauge, "Connections in each state of TCP.");
  for (const auto& [state, count] : status["states"].items()) text.sample(count, {{"state", state}});
  text.family("dropped_packets", Kind::kCounter, "Packets dropped, by reason.");
  for (const auto& [reason, count] : status["drops"].items()) text.sample(count, {{"reason", reason}});
  text.family("tcp_events", Kind::kCounter, "What TCP counts: retransmissions, opens, cookies, ...");
  for (const auto& [event, count] : status["counters"].items()) text.sample(count, {{"event", event}});
}

void write_workers(Text& text, const Json& list) {
  write_list(text, list, "worker", "worker",
             std::to_array<Field>({{"turns", "worker_turns", Kind::kCounter, "Turns of the loop."},
                                   {"busy_turns", "worker_busy_turns", Kind::kCounter, "Turns with work."},
                                   {"sleeps", "worker_sleeps", Kind::kCounter, "Sleeps while idle."},
                                   {"busy_share", "worker_busy_ratio", Kind::kGauge, "Busy share of the last second."},
                                   {"rx_packets", "worker_received_packets", Kind::kCounter, "Packets received."},
                                   {"rx_bytes", "worker_received_bytes", Kind::kCounter, "Bytes received."},
                                   {"tx_packets", "worker_sent_packets", Kind::kCounter, "Packets sent."},
                                   {"tx_bytes", "worker_sent_bytes", Kind::kCounter, "Bytes sent."},
                                   {"handed_over", "worker_handed_over_packets", Kind::kCounter, "To other workers."},
                                   {"taken_over", "worker_taken_over_packets", Kind::kCounter, "From other workers."},
                                   {"hand_over_full", "worker_ring_full_packets", Kind::kCounter,
                                    "Dropped before a full ring between workers."}}));
}

void write_ports(Text& text, const Json& list) {
  write_list(text, list, "device", "device",
             std::to_array<Field>({{"link", "port_link_up", Kind::kGauge, "1 while the link is up."},
                                   {"rx_packets", "port_received_packets", Kind::kCounter, "Packets received."},
                                   {"rx_bytes", "port_received_bytes", Kind::kCounter, "Bytes received."},
                                   {"tx_packets", "port_sent_packets", Kind::kCounter, "Packets sent."},
                                   {"tx_bytes", "port_sent_bytes", Kind::kCounter, "Bytes sent."},
                                   {"tx_merged", "port_sent_merged_packets", Kind::kCounter,
                                    "Packets sent that the device cut off larger ones (TSO)."},
                                   {"rx_missed", "port_missed_packets", Kind::kCounter, "Found the ring full."},
                                   {"rx_errors", "port_receive_errors", Kind::kCounter, "Receive errors."},
                                   {"tx_errors", "port_send_errors", Kind::kCounter, "Packets not sent."}}));
}

void write_pools(Text& text, const Json& list) {
  write_list(text, list, "name", "pool",
             std::to_array<Field>({{"in_use", "pool_in_use", Kind::kGauge, "Entries in use."},
                                   {"capacity", "pool_capacity", Kind::kGauge, "Entries that there are."}}));
}

void write_listeners(Text& text, const Json& list) {
  text.family("listener_state", Kind::kGauge, "1 for the state a listener is in towards floods of SYNs.");
  for (const Json& one : list)
    for (const char* state : {"quiet", "cautious", "attacked"})
      text.sample(one["state"] == state, {{"listen", label_of(one["listen"])}, {"state", state}});
  write_list(text, list, "listen", "listen",
             std::to_array<Field>(
                 {{"since_s", "listener_state_seconds", Kind::kGauge, "Time in that state."},
                  {"half_open", "listener_half_open", Kind::kGauge, "Handshakes under way."},
                  {"syns", "listener_syns", Kind::kCounter, "SYNs of new handshakes."},
                  {"cookies_sent", "listener_cookies_sent", Kind::kCounter, "SYN cookies sent."},
                  {"cookies_accepted", "listener_cookies_accepted", Kind::kCounter, "SYN cookies that came back."},
                  {"syns_per_s", "listener_syns_per_second", Kind::kGauge, "SYNs, lately."},
                  {"cookies_sent_per_s", "listener_cookies_sent_per_second", Kind::kGauge, "Cookies sent, lately."},
                  {"cookies_accepted_per_s", "listener_cookies_accepted_per_second", Kind::kGauge,
                   "Cookies accepted, lately."},
                  {"cookies_refused_per_s", "listener_cookies_refused_per_second", Kind::kGauge,
                   "Cookies refused, lately."}}));
}

void write_refused_cookies(Text& text, const Json& list) {
  text.family("listener_cookies_refused", Kind::kCounter, "ACKs refused where a SYN cookie was expected, by reason.");
  for (const Json& one : list)
    for (const auto& [reason, count] : one["cookies_refused"].items())
      text.sample(count, {{"listen", label_of(one["listen"])}, {"reason", reason}});
}

// Why a listener is in its state, and which prefixes most of its SYNs come from while that is not quiet.
void write_reasons(Text& text, const Json& list) {
  text.family("listener_info", Kind::kGauge, "1; the labels say what is configured, and why the state is what it is.");
  for (const Json& one : list)
    text.sample(1, {{"listen", label_of(one["listen"])},
                    {"syn_cookies", label_of(one["syn_cookies"])},
                    {"reason", label_of(one["reason"])}});
  text.family("listener_source_syns_per_second", Kind::kGauge, "SYNs of a source prefix that stands out, at least.");
  for (const Json& one : list)
    for (const Json& source : one["top_sources"])
      text.sample(source["syns_per_s"], {{"listen", label_of(one["listen"])}, {"prefix", label_of(source["prefix"])}});
}

// What is not limited has no sample.
void write_limits_in_force(Text& text, const Json& list) {
  static constexpr auto kKeys = std::to_array<std::pair<const char*, const char*>>(
      {{"connections", "Connections that may be open at once."},
       {"connections_per_second", "New connections that are let in per second."},
       {"source_connections", "Connections that may be open at once, of one source prefix."},
       {"source_connections_per_second", "New connections that are let in per second, of one source prefix."},
       {"listed_prefixes", "Networks that are allowed or denied by name."}});
  for (const auto& [key, help] : kKeys) {
    text.family(std::string{"limits_"} + key, Kind::kGauge, help);
    for (const Json& one : list)
      if (one["in_force"].contains(key)) text.sample(one["in_force"][key], {{"service", label_of(one["name"])}});
  }
}

void write_limits(Text& text, const Json& list) {
  write_list(text, list, "name", "service",
             std::to_array<Field>({{"open", "limits_open_connections", Kind::kGauge, "Connections that count."},
                                   {"uncounted", "limits_uncounted_connections", Kind::kCounter,
                                    "Let in without being counted by source."}}));
  text.family("limits_refused", Kind::kCounter, "SYNs and final ACKs refused by limits, by reason.");
  for (const Json& one : list)
    for (const auto& [reason, count] : one["refused"].items())
      text.sample(count, {{"service", label_of(one["name"])}, {"reason", reason}});
}

}  // namespace

Json answer_metrics(const ControlSubject& subject, const Json&) {
  const Json status = answer_status(subject, {{"all", true}});
  Text text;
  write_process(text, status);
  write_workers(text, status["workers"]);
  write_ports(text, status["ports"]);
  write_pools(text, status["pools"]);
  write_listeners(text, status["listeners"]);
  write_refused_cookies(text, status["listeners"]);
  write_reasons(text, status["listeners"]);
  write_limits_in_force(text, status["limits"]);
  write_limits(text, status["limits"]);
  return {{"metrics", text.take()}};
}

}  // namespace weir::run
