// Thrown at start only: what() says what is missing and what to type.
#pragma once

#include <stdexcept>

namespace weir::nic {

class SetupError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace weir::nic
