#include <weir/stack/call_error.h>

#include <string>

namespace weir::stack {

const char* to_string(CallError error) {
  switch (error) {
    case CallError::kNone:
      return "no error";
    case CallError::kStaleId:
      return "the connection was already released";
    case CallError::kAddressInUse:
      return "address and port are in use";
    case CallError::kNotLocal:
      return "the address is not one of this host's";
    case CallError::kBadAddress:
      return "no connection can go to such an address";
    case CallError::kNoPorts:
      return "no free source port towards this peer";
    case CallError::kNoResources:
      return "out of connections";
    case CallError::kBadState:
      return "not possible in this state";
    case CallError::kClosing:
      return "connection closing";
    case CallError::kEnded:
      return "connection does not exist";
    case CallError::kBadOption:
      return "a value out of its range";
  }
  return "unknown";
}

namespace {

// What POSIX would say.
std::errc posix_of(CallError error) {
  switch (error) {
    case CallError::kAddressInUse:
      return std::errc::address_in_use;
    case CallError::kNotLocal:
    case CallError::kNoPorts:
      return std::errc::address_not_available;
    case CallError::kBadAddress:
    case CallError::kBadOption:
    case CallError::kBadState:
      return std::errc::invalid_argument;
    case CallError::kNoResources:
      return std::errc::no_buffer_space;
    case CallError::kClosing:
      return std::errc::broken_pipe;
    case CallError::kEnded:
      return std::errc::not_connected;
    case CallError::kStaleId:
    case CallError::kNone:
      break;
  }
  return std::errc::bad_file_descriptor;
}

class CallCategory : public std::error_category {
 public:
  const char* name() const noexcept override { return "weir.call"; }
  std::string message(int value) const override { return to_string(static_cast<CallError>(value)); }
  std::error_condition default_error_condition(int value) const noexcept override {
    if (value == 0) return {};
    return make_error_condition(posix_of(static_cast<CallError>(value)));
  }
};

}  // namespace

const std::error_category& call_category() {
  static const CallCategory category;
  return category;
}

}  // namespace weir::stack
