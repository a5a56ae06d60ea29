// Thrown at start only: what() says what is missing and what to type.
#pragma once

#include <weir/base/error.h>

namespace weir::nic {

class SetupError : public Error {
 public:
  using Error::Error;
};

}  // namespace weir::nic
