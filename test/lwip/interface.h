// lwIP's network interface: frames of a kernel interface that the kernel itself has no address on (AF_PACKET). Root.
#pragma once

#include <string>

namespace weir::lwip {

struct InterfaceSettings {
  std::string name;  // of the kernel's interface; lwIP uses its MAC address
  std::string v4;    // address in a network of 24 bits
  std::string v6;    // address in a network of 64 bits
};

// Starts lwIP with this one interface; once a process. Throws std::runtime_error.
void start(const InterfaceSettings& settings);

}  // namespace weir::lwip
