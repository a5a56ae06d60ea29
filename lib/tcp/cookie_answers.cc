#include <weir/tcp/cookie_answers.h>

#include "half_open.h"
#include "record_output.h"

namespace weir::tcp {

namespace {

constexpr unsigned kListenerShift = 32;
constexpr std::uint64_t kSpread = 0x9e37'79b9'7f4a'7c15;  // Knuth, The Art of Computer Programming 6.4

unsigned place_of(std::uint64_t key) {
  static_assert(CookieAnswers::kEntries == 1 << 6);
  return static_cast<unsigned>(key * kSpread >> (64 - 6));
}

}  // namespace

std::uint64_t CookieAnswers::key_of(const HalfOpen& record, bool has_mss) {
  const unsigned options = (has_mss ? 1U : 0U) | (record.has_sack ? 2U : 0U) | (record.has_timestamps ? 4U : 0U) |
                           (record.has_window_scale ? 8U : 0U) | (record.has_ecn ? 16U : 0U);
  constexpr unsigned kInUse = 32;
  return std::uint64_t{record.listener} << kListenerShift | std::uint64_t{record.local_address} << 16 | options |
         kInUse;
}

const wire::AnswerTemplate& CookieAnswers::find(const Context& context, const HalfOpen& record, bool has_mss) {
  const std::uint64_t key = key_of(record, has_mss);
  Entry& entry = entries_[place_of(key)];
  if (entry.key == key) return entry.answer;
  Segment answer = syn_ack_of(context, record);
  if (!has_mss) answer.options.mss.reset();
  entry = {key, wire::AnswerTemplate{path_of(context, record.key(), context.profiles[record.listener]), answer}};
  return entry.answer;
}

void CookieAnswers::forget(std::uint16_t listener) {
  for (Entry& entry : entries_)
    if (entry.key >> kListenerShift == listener) entry.key = 0;
}

}  // namespace weir::tcp
