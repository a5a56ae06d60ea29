// Answers of the control socket, formatted for people.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace weir::app {

using Json = nlohmann::ordered_json;

std::string show_status(const Json& status);
std::string show_services(const Json& services);
std::string show_drops(const Json& drops);
std::string connections_title();
std::string show_connections(const Json& page);

}  // namespace weir::app
