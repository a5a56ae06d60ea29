// One function per command of the control socket. Each returns the fields of its answer, or throws BadRequest.
#pragma once

#include <stdexcept>

#include <nlohmann/json.hpp>

#include <weir/run/control.h>

namespace weir::run {

using Json = nlohmann::ordered_json;

class BadRequest : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

Json answer_status(const ControlSubject& subject, const Json& request);       // "all": every drop reason, zero or not
Json answer_services(const ControlSubject& subject, const Json& request);     // "service": of one only
Json answer_connections(const ControlSubject& subject, const Json& request);  // "worker", "cursor", "count", filters
Json answer_drops(const ControlSubject& subject, const Json& request);        // "all"

// Of each service or server: the connections that count towards its limits, and who was refused, by reason.
Json limits_of(const ControlSubject& subject);

Json answer_metrics(const ControlSubject& subject, const Json& request);  // "metrics": text of Prometheus

// Services by name, or a BadRequest that names those there are.
std::vector<balance::ServiceStatus> services_named(const ControlSubject& subject, const Json& request);

// A field of a request; BadRequest when it is of another type.
template <typename T>
T field_or(const Json& request, const char* name, T otherwise) {
  try {
    return request.value(name, otherwise);
  } catch (const Json::exception&) {
    throw BadRequest(std::string("\"") + name + "\" has the wrong type");
  }
}

}  // namespace weir::run
