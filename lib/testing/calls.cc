// The calls of an application.
#include <algorithm>
#include <array>

#include <weir/tcp/setting_fields.h>

#include "harness_impl.h"

namespace weir::testing {

int error_of(stack::CallError error) {
  switch (error) {
    case stack::CallError::kNone:
      return WEIR_OK;
    case stack::CallError::kStaleId:
      return WEIR_E_STALE;
    case stack::CallError::kAddressInUse:
      return WEIR_E_IN_USE;
    case stack::CallError::kNotLocal:
    case stack::CallError::kBadAddress:
      return WEIR_E_ADDRESS;
    case stack::CallError::kBadOption:
      return WEIR_E_VALUE;
    case stack::CallError::kNoPorts:
    case stack::CallError::kNoResources:
      return WEIR_E_RESOURCES;
    default:
      return WEIR_E_STATE;
  }
}

namespace {

// False: no slot is left for them.
bool find_profile(weir_harness& harness, const weir_settings* wanted, std::uint16_t& id) {
  if (wanted == nullptr) return id = 0, true;
  std::string values = all_values(*wanted);
  for (const Profile& profile : harness.profiles)
    if (profile.values == values) return id = profile.id, true;
  id = harness.host->add_profile(wanted->tcp);
  if (id == stack::kNoListener) return false;
  harness.profiles.push_back({std::move(values), id});
  return true;
}

int open(weir_harness& harness, const stack::ConnectOptions& options, weir_connection& connection) {
  stack::ConnectionId id;
  const stack::CallError error = harness.host->connect(options, id);
  harness.outbox.flush();
  if (error == stack::CallError::kNone) connection = name_of(id);
  return error_of(error);
}

stack::Direction direction_of(int direction) {
  if (direction == WEIR_BOTH) return stack::Direction::kBoth;
  return direction == WEIR_SEND ? stack::Direction::kSend : stack::Direction::kReceive;
}

// What may be changed on an open connection: each by the key and within the range of its setting.
struct Option {
  std::string_view key;
  void (*take)(stack::ConnectionOptions& into, const stack::ConnectionOptions& from);
};

template <auto kMember>
constexpr Option option(std::string_view key) {
  return {key,
          [](stack::ConnectionOptions& into, const stack::ConnectionOptions& from) { into.*kMember = from.*kMember; }};
}

using stack::ConnectionOptions;
constexpr std::array kOptions{
    option<&ConnectionOptions::no_delay>("nagle"),
    option<&ConnectionOptions::keep_alive>("keepalive"),
    option<&ConnectionOptions::keep_alive_idle>("keepalive_idle_ms"),
    option<&ConnectionOptions::keep_alive_interval>("keepalive_interval_ms"),
    option<&ConnectionOptions::keep_alive_probes>("keepalive_probes"),
    option<&ConnectionOptions::user_timeout>("user_timeout_ms"),
    option<&ConnectionOptions::data_retries>("data_retries"),
    option<&ConnectionOptions::delayed_ack>("delayed_ack_ms"),
    option<&ConnectionOptions::dscp>("dscp"),
    option<&ConnectionOptions::ttl>("ttl"),
    option<&ConnectionOptions::error_reports>("error_reports"),
};

int read_option(std::string_view key, std::string_view text, ConnectionOptions& options) {
  const auto found = std::ranges::find(kOptions, key, &Option::key);
  const tcp::SettingField* field = tcp::find_setting(key);
  if (found == kOptions.end() || field == nullptr) return WEIR_E_KEY;
  tcp::Settings settings;
  if (!tcp::set_from_text(*field, settings, text)) return WEIR_E_VALUE;
  found->take(options, stack::options_of(settings));
  return WEIR_OK;
}

using SendCall = std::uint32_t (stack::Host::*)(stack::ConnectionId, std::span<const std::uint8_t>);

int64_t send(weir_harness* harness, weir_connection connection, const void* bytes, size_t length, SendCall call) {
  if (harness == nullptr || (bytes == nullptr && length > 0)) return WEIR_E_ARGUMENT;
  const auto id = id_of(connection);
  if (!harness->host->is_alive(id)) return WEIR_E_STALE;
  if (const auto error = harness->host->check_send(id); error != stack::CallError::kNone) return error_of(error);
  const std::uint32_t taken = (*harness->host.*call)(id, {static_cast<const std::uint8_t*>(bytes), length});
  harness->outbox.flush();
  return taken;
}

}  // namespace

}  // namespace weir::testing

using namespace weir::testing;
using weir::stack::CallError;

extern "C" {

int weir_listen(weir_harness* harness, const char* address, uint16_t port, uint32_t backlog,
                const weir_settings* settings, weir_listener* listener) {
  if (harness == nullptr || address == nullptr || listener == nullptr) return WEIR_E_ARGUMENT;
  const auto parsed = weir::IpAddress::parse(address);
  if (!parsed) return WEIR_E_ADDRESS;
  weir::stack::ListenOptions options{.address = *parsed, .port = port, .backlog = backlog};
  if (settings != nullptr) options.settings = settings->tcp;
  weir::stack::ListenerId id = weir::stack::kNoListener;
  const CallError error = harness->host->listen(options, id);
  if (error == CallError::kNone) *listener = id;
  return error_of(error);
}

int weir_stop_listening(weir_harness* harness, weir_listener listener) {
  if (harness == nullptr || listener < 0 || listener >= weir::stack::kNoListener) return WEIR_E_ARGUMENT;
  harness->host->stop_listening(static_cast<weir::stack::ListenerId>(listener));
  harness->outbox.flush();
  return WEIR_OK;
}

weir_connection weir_accept(weir_harness* harness, weir_listener listener) {
  if (harness == nullptr || listener < 0 || listener >= weir::stack::kNoListener) return 0;
  const auto id = harness->host->accept(static_cast<weir::stack::ListenerId>(listener));
  return id ? name_of(*id) : 0;
}

int weir_connect(weir_harness* harness, const char* local, uint16_t local_port, const char* remote,
                 uint16_t remote_port, const weir_settings* settings, weir_connection* connection) {
  if (harness == nullptr || remote == nullptr || connection == nullptr) return WEIR_E_ARGUMENT;
  const auto there = weir::IpAddress::parse(remote);
  const auto here = weir::IpAddress::parse(local != nullptr ? local : remote);
  if (!there || !here) return WEIR_E_ADDRESS;
  weir::stack::ConnectOptions options;
  options.remote = {*there, remote_port};
  if (local != nullptr) options.local = *here;
  if (local_port != 0) options.local_port = local_port;
  if (!find_profile(*harness, settings, options.profile)) return WEIR_E_RESOURCES;
  return open(*harness, options, *connection);
}

int64_t weir_send(weir_harness* harness, weir_connection connection, const void* bytes, size_t length) {
  return send(harness, connection, bytes, length, &weir::stack::Host::send);
}

int64_t weir_send_urgent(weir_harness* harness, weir_connection connection, const void* bytes, size_t length) {
  return send(harness, connection, bytes, length, &weir::stack::Host::send_urgent);
}

int64_t weir_receive(weir_harness* harness, weir_connection connection, void* into, size_t room) {
  if (harness == nullptr || (into == nullptr && room > 0)) return WEIR_E_ARGUMENT;
  const auto id = id_of(connection);
  if (!harness->host->is_alive(id)) return WEIR_E_STALE;
  const std::uint32_t taken = harness->host->receive(id, {static_cast<std::uint8_t*>(into), room});
  harness->outbox.flush();
  if (taken > 0 || harness->host->readable(id) > 0) return taken;
  return harness->host->check_receive(id) == CallError::kNone ? 0 : WEIR_E_END;
}

int weir_shutdown(weir_harness* harness, weir_connection connection, int direction) {
  if (harness == nullptr || direction < WEIR_SEND || direction > WEIR_BOTH) return WEIR_E_ARGUMENT;
  const CallError error = harness->host->shutdown(id_of(connection), direction_of(direction));
  harness->outbox.flush();
  return error_of(error);
}

int weir_close(weir_harness* harness, weir_connection connection) {
  if (harness == nullptr) return WEIR_E_ARGUMENT;
  const CallError error = harness->host->close(id_of(connection));
  harness->outbox.flush();
  return error_of(error);
}

int weir_abort(weir_harness* harness, weir_connection connection) {
  if (harness == nullptr) return WEIR_E_ARGUMENT;
  const CallError error = harness->host->abort(id_of(connection));
  harness->outbox.flush();
  return error_of(error);
}

int weir_set_option(weir_harness* harness, weir_connection connection, const char* key, const char* value) {
  if (harness == nullptr || key == nullptr || value == nullptr) return WEIR_E_ARGUMENT;
  const auto id = id_of(connection);
  if (!harness->host->is_alive(id)) return WEIR_E_STALE;
  weir::stack::ConnectionOptions options;
  if (const int error = read_option(key, value, options); error != WEIR_OK) return error;
  const CallError error = harness->host->set_options(id, options);
  harness->outbox.flush();
  return error_of(error);
}

int weir_next_event(weir_harness* harness, weir_event* event) {
  if (harness == nullptr || event == nullptr) return WEIR_E_ARGUMENT;
  const auto next = harness->host->next_event();
  if (!next) return 0;
  *event = {.connection = next->connection ? name_of(next->connection) : 0,
            .listener = next->listener == weir::stack::kNoListener ? -1 : weir_listener{next->listener},
            .what = next->what};
  return 1;
}

}  // extern "C"
