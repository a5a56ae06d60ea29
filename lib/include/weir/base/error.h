// What Weir throws at start: SetupError, ConfigError and OutOfMemory are Errors. Nothing is thrown afterwards: calls
// tell failure by value (stack/call_error.h).
#pragma once

#include <stdexcept>

namespace weir {

// what() says what is wrong, where, and what to type.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace weir
