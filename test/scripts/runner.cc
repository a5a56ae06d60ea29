#include "runner.h"

namespace weir::scripts {

namespace {

constexpr std::uint64_t kForever = 20'000'000'000'000;  // 20,000 s: what "*" waits at most
constexpr std::uint16_t kFirstPeerPort = 40000;

struct SettingsDeleter {
  void operator()(weir_settings* settings) const { weir_settings_free(settings); }
};

void set(weir_settings* settings, const std::string& key, const std::string& value) {
  const int error = weir_settings_set(settings, key.c_str(), value.c_str());
  if (error != WEIR_OK) throw ScriptError("set " + key + "=" + value + ": " + weir_error_text(error));
}

weir_harness* make_harness(const Script& script, const Variant& variant) {
  const std::unique_ptr<weir_settings, SettingsDeleter> settings{weir_settings_new()};
  set(settings.get(), "iss", std::to_string(variant.host_isn));
  set(settings.get(), "timestamp_start", "1000");
  for (const auto& [key, value] : script.settings) set(settings.get(), key, value);
  weir_harness* harness = nullptr;
  const int error = weir_harness_new(settings.get(), &harness);
  if (error != WEIR_OK) throw ScriptError(std::string{"no host: "} + weir_error_text(error) + weir_start_error());
  return harness;
}

}  // namespace

std::vector<Variant> variants_of(const Script& script) {
  // Anywhere; a few bytes before the numbers wrap; and before the sign of a difference changes.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> isns{
      {1'000'000, 5'000'000}, {0xffff'fff0, 0xffff'ff80}, {0x7fff'ff80, 0x7fff'fff0}};
  if (script.isns) isns = {*script.isns};
  std::vector<Variant> variants;
  for (const bool is_v4 : {true, false}) {
    if (is_v4 ? !script.ipv4 : !script.ipv6) continue;
    for (const auto& [host, peer] : isns)
      variants.push_back(
          {is_v4, host, peer,
           std::string{is_v4 ? "ipv4" : "ipv6"} + " isn " + std::to_string(host) + "/" + std::to_string(peer)});
  }
  return variants;
}

void run(const Script& script, const Variant& variant) {
  Runner{script, variant}.run();
}

std::string run_all(const Script& script) {
  for (const Variant& variant : variants_of(script)) {
    try {
      run(script, variant);
    } catch (const ScriptError& error) {
      return script.name + " (" + variant.name + ")" + error.what();
    }
  }
  return {};
}

Runner::Runner(const Script& script, const Variant& variant)
    : script_(script),
      variant_(variant),
      harness_(make_harness(script, variant)),
      host_address_(variant.is_v4 ? "192.0.2.1" : "2001:db8::1"),
      peer_address_(variant.is_v4 ? "192.0.2.2" : "2001:db8::2") {
  weir_add_address(harness_.get(), host_address_, script.mtu);
}

void Runner::run() {
  for (const Step& step : script_.steps) {
    try {
      run_step(step);
    } catch (const ScriptError& error) {
      throw ScriptError(" line " + std::to_string(step.line) + ": " + step.text + "\n" + error.what() + trace_);
    }
  }
  expect_end();
}

void Runner::run_step(const Step& step) {
  const std::string& first = step.words.front();
  if (first.starts_with('>')) return expect_packet(step);
  if (first == "nothing") return expect_nothing(step);
  go_to(step);
  if (first == "drop") return sent_.clear();
  if (first == "renumber") {
    Flow& renumbered = flow(step.words.size() > 2 ? step.words[2] : "");
    renumbered.peer_isn += static_cast<std::uint32_t>(read_number(step.words.at(1)));
    renumbered.knows_host_isn = renumbered.peer_offered_ts = renumbered.host_offered_ts = false;
    renumbered.peer_next = renumbered.host_next = 0;
    return;
  }
  expect_none_left();
  if (first.starts_with('<')) return inject(step);
  if (first == "call") return call(step);
  if (first == "info") return check_info(step);
  if (first == "count") return check_count(step);
  if (first == "event") return check_events(step);
  fail("no such step: " + first);
}

// --- time ---

std::uint64_t Runner::time_of(const When& when, bool latest) const {
  if (when.kind == When::Kind::kWhenever) return latest ? now_ + kForever : now_;
  const std::uint64_t base = when.kind == When::Kind::kAt ? 0 : now_;
  return base + (latest ? when.to : when.from);
}

void Runner::go_to(std::uint64_t ns) {
  if (ns > weir_now(harness_.get()) && weir_advance(harness_.get(), ns) != WEIR_OK) fail("time does not advance");
  collect();
}

void Runner::go_to(const Step& step) {
  if (step.when.kind == When::Kind::kWhenever || step.when.from != step.when.to) fail("this needs one time");
  const std::uint64_t at = time_of(step.when, false);
  if (at < now_) fail("time runs backwards");
  go_to(at);
  now_ = at;
}

// --- flows ---

Flow& Runner::flow(const std::string& name) {
  for (Flow& known : flows_)
    if (known.name == name) return known;
  const auto peer_port = static_cast<std::uint16_t>(kFirstPeerPort + flows_.size());
  flows_.push_back({.name = name,
                    .host_port = port_,
                    .peer_port = peer_port,
                    .host_isn = variant_.host_isn,
                    .peer_isn = variant_.peer_isn});
  return flows_.back();
}

Flow* Runner::flow_of(const TcpPacket& packet) {
  for (Flow& known : flows_)
    if (known.host_port == packet.source_port && known.peer_port == packet.destination_port) return &known;
  // An active open's own port is known by its SYN.
  for (Flow& known : flows_)
    if (known.host_port == 0 && known.peer_port == packet.destination_port)
      return known.host_port = packet.source_port, &known;
  return nullptr;
}

void Runner::trace(std::uint64_t ns, const std::string& text) {
  trace_ += "\n  " + seconds_text(ns) + ' ' + text;
}

void Runner::fail(const std::string& what) const {
  throw ScriptError(what + "\npackets so far:");
}

}  // namespace weir::scripts
