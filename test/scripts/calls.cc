// The calls of a script.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "names.h"
#include "runner.h"

namespace weir::scripts {

namespace {

constexpr std::array kErrors{
    Named{"argument", WEIR_E_ARGUMENT},   Named{"key", WEIR_E_KEY},         Named{"value", WEIR_E_VALUE},
    Named{"stale", WEIR_E_STALE},         Named{"address", WEIR_E_ADDRESS}, Named{"in-use", WEIR_E_IN_USE},
    Named{"resources", WEIR_E_RESOURCES}, Named{"state", WEIR_E_STATE},     Named{"end", WEIR_E_END}};

// The word behind `key`, which goes with it; nothing when it is not there.
std::optional<std::string> take(std::vector<std::string>& words, const std::string& key) {
  const auto found = std::ranges::find(words, key);
  if (found == words.end()) return {};
  if (found + 1 == words.end()) throw ScriptError(key + " lacks its value");
  std::string value = *(found + 1);
  words.erase(found, found + 2);
  return value;
}

}  // namespace

std::string take_flow(std::vector<std::string>& words) {
  return take(words, "on").value_or("");
}

weir_connection Runner::connection(const std::string& flow_name) const {
  const auto found = connections_.find(flow_name);
  if (found == connections_.end()) fail("no connection yet: call accept or call connect first");
  return found->second;
}

void Runner::call(const Step& step) {
  Words words{step.words.begin() + 1, step.words.end()};
  const auto error = take(words, "=>");
  const std::string flow_name = take_flow(words);
  if (words.empty()) fail("a call needs a name");
  const std::string verb = words.front();
  words.erase(words.begin());
  trace(now_, step.text);
  const std::int64_t result = do_call(verb, words, flow_name);
  collect();
  const std::int64_t wanted = error ? value_of(kErrors, *error) : 0;
  if (error ? result != wanted : result < 0)
    fail(verb + ": expected " + (error ? weir_error_text(static_cast<int>(wanted)) : "no error") + ", got " +
         (result < 0 ? weir_error_text(static_cast<int>(result)) : "none"));
}

std::int64_t Runner::do_call(const std::string& verb, const Words& words, const std::string& flow_name) {
  weir_harness* harness = harness_.get();
  if (verb == "listen") return call_listen(words);
  if (verb == "stop-listening") return weir_stop_listening(harness, listener_);
  if (verb == "accept") return call_accept(words);
  if (verb == "connect") return call_connect(words, flow_name);
  if (verb == "send") return call_send(words, flow_name);
  if (verb == "read") return call_read(words, flow_name);
  if (verb == "shutdown") return call_shutdown(words, flow_name);
  if (verb == "close") return weir_close(harness, connection(flow_name));
  if (verb == "abort") return weir_abort(harness, connection(flow_name));
  if (verb == "set" && words.size() == 2)
    return weir_set_option(harness, connection(flow_name), words[0].c_str(), words[1].c_str());
  fail("no such call: " + verb);
}

std::int64_t Runner::call_listen(const Words& given) {
  Words words = given;
  const std::uint64_t backlog = read_number(take(words, "backlog").value_or("16"));
  if (words.size() != 1) fail("listen PORT [backlog N]");
  port_ = static_cast<std::uint16_t>(read_number(words[0]));
  return weir_listen(harness_.get(), host_address_, port_, static_cast<std::uint32_t>(backlog), nullptr, &listener_);
}

// The connection is known by its peer's port: that of a flow that a line has named.
std::int64_t Runner::call_accept(const Words& words) {
  const weir_connection accepted = weir_accept(harness_.get(), listener_);
  const bool expects_none = words.size() == 1 && words[0] == "none";
  if ((accepted == 0) != expects_none) fail(accepted == 0 ? "accept: no connection waits" : "accept: one waits");
  if (accepted == 0) return 0;
  weir_info info{};
  info.size = sizeof info;
  weir_get_info(harness_.get(), accepted, &info);
  const std::string remote = info.remote;
  const auto port = static_cast<std::uint16_t>(read_number(remote.substr(remote.rfind(':') + 1)));
  for (const Flow& known : flows_)
    if (known.peer_port == port) connections_[known.name] = accepted;
  return 0;
}

std::int64_t Runner::call_connect(const Words& given, const std::string& flow_name) {
  Words words = given;
  const auto local = static_cast<std::uint16_t>(read_number(take(words, "local").value_or("0")));
  const auto to = take(words, "to");
  if (words.size() != 1) fail("connect PORT [local PORT] [to ADDRESS]");
  const auto port = static_cast<std::uint16_t>(read_number(words[0]));
  weir_connection opened = 0;
  const int error =
      weir_connect(harness_.get(), nullptr, local, to ? to->c_str() : peer_address_, port, nullptr, &opened);
  if (error != WEIR_OK) return error;
  Flow& named = flow(flow_name);
  named.peer_port = port;
  named.host_port = local;
  connections_[flow_name] = opened;
  return 0;
}

// `taken` N: that many bytes of them are taken; without it, all. `urgent`: the last one is.
std::int64_t Runner::call_send(const Words& given, const std::string& flow_name) {
  Words words = given;
  const auto taken = take(words, "taken");
  const bool is_urgent = words.size() == 2 && words[1] == "urgent";
  if (words.size() != 1 && !is_urgent) fail("send BYTES [urgent] [taken BYTES]");
  const std::uint64_t length = read_number(words[0]);
  std::uint64_t& before = bytes_sent_[flow_name];
  Bytes bytes(length);
  for (std::size_t i = 0; i < length; ++i) bytes[i] = stream_byte(static_cast<std::uint32_t>(before + i + 1));
  const auto send = is_urgent ? weir_send_urgent : weir_send;
  const std::int64_t result = send(harness_.get(), connection(flow_name), bytes.data(), bytes.size());
  if (result < 0) return result;
  before += static_cast<std::uint64_t>(result);
  const std::uint64_t wanted = taken ? read_number(*taken) : length;
  if (static_cast<std::uint64_t>(result) != wanted)
    fail("send: expected " + std::to_string(wanted) + " bytes to be taken, got " + std::to_string(result));
  return result;
}

// Exactly so many bytes, those of the stream; "none" when nothing waits yet.
std::int64_t Runner::call_read(const Words& given, const std::string& flow_name) {
  Words words = given;
  const auto fill = take(words, "fill");
  if (words.size() > 1) fail("read [BYTES | none] [fill LETTER]");
  const bool probes = words.empty() || words[0] == "none";
  const std::uint64_t length = probes ? 0 : read_number(words[0]);
  Bytes bytes(std::max<std::uint64_t>(length, 1));
  std::uint64_t got = 0;
  while (got < bytes.size()) {
    const std::int64_t result = weir_receive(harness_.get(), connection(flow_name), &bytes[got], bytes.size() - got);
    if (result < 0 && got == 0) return result;
    if (result <= 0) break;
    got += static_cast<std::uint64_t>(result);
  }
  if (got != length) fail("read: expected " + std::to_string(length) + " bytes, got " + std::to_string(got));
  std::uint64_t& before = bytes_read_[flow_name];
  for (std::size_t i = 0; i < length; ++i) {
    const auto wanted =
        fill ? static_cast<std::uint8_t>(fill->front()) : stream_byte(static_cast<std::uint32_t>(before + i + 1));
    if (bytes[i] != wanted) fail("read: byte " + std::to_string(before + i) + " is not what was sent there");
  }
  before += length;
  return 0;
}

std::int64_t Runner::call_shutdown(const Words& words, const std::string& flow_name) {
  const std::string how = words.empty() ? "send" : words[0];
  const int direction = how == "send" ? WEIR_SEND : how == "receive" ? WEIR_RECEIVE : WEIR_BOTH;
  return weir_shutdown(harness_.get(), connection(flow_name), direction);
}

}  // namespace weir::scripts
