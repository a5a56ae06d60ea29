// SYN-ACKs with cookies as templates: under a flood they differ by little else than addresses and numbers.
#pragma once

#include <array>
#include <cstdint>

#include <weir/flow/half_open.h>
#include <weir/tcp/context.h>
#include <weir/wire/answer_template.h>

namespace weir::tcp {

// A cache of a few: one that is needed and not there is made anew. One thread only.
class CookieAnswers {
 public:
  static constexpr unsigned kEntries = 64;

  // For a SYN with these options on `record`'s listener and local address; `has_mss`: the SYN announced one. Valid
  // until the next call. Not for listeners whose settings lay out options by themselves.
  const wire::AnswerTemplate& find(const Context& context, const HalfOpen& record, bool has_mss);
  // The listener's settings are others from now on.
  void forget(std::uint16_t listener);

 private:
  struct Entry {
    std::uint64_t key = 0;  // 0: free
    wire::AnswerTemplate answer{};
  };
  static std::uint64_t key_of(const HalfOpen& record, bool has_mss);

  std::array<Entry, kEntries> entries_{};
};

}  // namespace weir::tcp
