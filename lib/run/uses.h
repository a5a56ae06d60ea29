// Addresses and names that a file uses, to find those used twice and those that no port can serve.
#pragma once

#include <map>
#include <string>

#include "problems.h"

namespace weir::run {

// Notes a problem when a value comes a second time, naming the line of the first.
template <typename T>
class Unique {
 public:
  explicit Unique(Problems& problems) : problems_(problems) {}
  void add(const T& value, const Place& place, const std::string& shown, const std::string& remedy) {
    const auto [first, is_new] = lines_.emplace(value, place.line);
    if (is_new) return;
    problems_.add(place, shown + " is already used in line " + std::to_string(first->second), remedy);
  }

 private:
  Problems& problems_;
  std::map<T, unsigned> lines_;
};

// A name that is shown in tables and used in figures: notes a problem when it would spoil them.
void check_label(Problems& problems, const Placed<std::string>& name);

// Can a host have this address, whatever its networks are? Notes a problem otherwise.
bool check_unicast(Problems& problems, const Placed<IpAddress>& address);
bool check_port(Problems& problems, const Placed<Endpoint>& endpoint);      // not 0
bool check_endpoint(Problems& problems, const Placed<Endpoint>& endpoint);  // both
// The port in whose networks the address lies; nothing when there is none.
PortConfig* port_near(ProcessConfig& process, const IpAddress& address);
// Makes the port in whose network it lies answer for an address; notes a problem when there is no such port.
void announce(Problems& problems, ProcessConfig& process, const Placed<IpAddress>& address);

// "0000:03:00.0", or a vdev of a kind that Weir knows, with the arguments that it needs.
void check_device(Problems& problems, const Placed<std::string>& device);

}  // namespace weir::run
