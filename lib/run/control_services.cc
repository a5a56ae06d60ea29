#include <fmt/format.h>
#include <algorithm>
#include <chrono>

#include "control_answers.h"

namespace weir::run {
namespace {

using balance::BackendStatus;
using balance::ServiceStatus;

Json endpoints(const std::vector<Endpoint>& all) {
  Json list = Json::array();
  for (const Endpoint& endpoint : all) list.push_back(endpoint.to_string());
  return list;
}

Json backend(const BackendStatus& backend, Instant now) {
  return {{"name", backend.name},
          {"address", backend.address.to_string()},
          {"weight", backend.weight},
          {"healthy", backend.healthy},
          {"since_s", std::chrono::duration<double>(now - backend.since).count()},
          {"last_check", to_string(backend.last_check)},
          {"checks_passed", backend.checks_passed},
          {"checks_failed", backend.checks_failed},
          {"open", backend.open},
          {"total", backend.total},
          {"refused", backend.refused},
          {"timeout", backend.timeout},
          {"reset", backend.reset},
          {"bytes_in", backend.bytes_in},
          {"bytes_out", backend.bytes_out}};
}

Json service(const ServiceStatus& service, Instant now) {
  Json backends = Json::array();
  for (const BackendStatus& one : service.backends) backends.push_back(backend(one, now));
  return {{"name", service.name},
          {"listen", endpoints(service.listen)},
          {"mode", to_string(service.mode)},
          {"scheduler", to_string(service.scheduler)},
          {"state", to_string(service.state)},
          {"open", service.open},
          {"total", service.total},
          {"retries", service.retries},
          {"client_resets", service.client_resets},
          {"no_backend", service.no_backend},
          {"out_of_tries", service.out_of_tries},
          {"no_resources", service.no_resources},
          {"idle_timeouts", service.idle_timeouts},
          {"close_timeouts", service.close_timeouts},
          {"backends", backends}};
}

Json server(const load::ServerStatus& server) {
  return {{"name", server.name},
          {"kind", to_string(server.kind)},
          {"listen", endpoints(server.listen)},
          {"open", server.open},
          {"total", server.total},
          {"requests", server.requests},
          {"bad_requests", server.bad_requests},
          {"bytes_in", server.bytes_in},
          {"bytes_out", server.bytes_out},
          {"resets", server.resets},
          {"idle_timeouts", server.idle_timeouts},
          {"no_resources", server.no_resources}};
}

// Those of the name that the request gives, or all.
template <typename Status>
std::vector<Status> named(std::vector<Status> all, const Json& request) {
  const auto name = field_or<std::string>(request, "service", "");
  if (name.empty()) return all;
  std::string known;
  for (const Status& one : all) known += (known.empty() ? "" : ", ") + one.name;
  std::erase_if(all, [&](const Status& one) { return one.name != name; });
  if (all.empty()) throw BadRequest(fmt::format("there is no service \"{}\"; there are {}", name, known));
  return all;
}

Json answer_servers(const ControlSubject& subject, const Json& request) {
  Json list = Json::array();
  for (const auto& one : named(subject.servers(), request)) list.push_back(server(one));
  return {{"servers", list}};
}

}  // namespace

std::vector<ServiceStatus> services_named(const ControlSubject& subject, const Json& request) {
  if (!subject.services) throw BadRequest("this is not a balancer: only weir lb has services");
  return named(subject.services(), request);
}

Json answer_services(const ControlSubject& subject, const Json& request) {
  if (subject.servers) return answer_servers(subject, request);
  Json list = Json::array();
  const Instant now = subject.now();
  for (const ServiceStatus& one : services_named(subject, request)) list.push_back(service(one, now));
  return {{"services", list}};
}

}  // namespace weir::run
