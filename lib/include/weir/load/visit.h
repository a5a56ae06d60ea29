// One connection of the generator's, and lists of them.
#pragma once

#include <cstdint>

#include <weir/base/index_pool.h>
#include <weir/load/http_response.h>
#include <weir/stack/host.h>

namespace weir::load {

enum class VisitPhase : std::uint8_t {
  kOpening,
  kAsking,   // a request is out, or its answer under way
  kResting,  // kept, nothing asked
  kClosing,  // all that was wanted has come: the ends are under way
};

enum class VisitListName : std::uint8_t { kNone, kAwaiting, kResting };

struct Visit {
  stack::ConnectionId id;
  Instant intended{};  // of the connection, or of the request under way
  HttpResponseReader reader;
  std::uint64_t received = 0;  // of this answer; kUpload: sent
  std::uint32_t next = kNoIndex;
  std::uint32_t previous = kNoIndex;
  Tick due{};  // in its list: when it times out, or asks again
  VisitPhase phase = VisitPhase::kOpening;
  VisitListName list = VisitListName::kNone;
  bool is_answered : 1 = false;  // the answer's first byte has come
};
static_assert(sizeof(Visit) <= 64);

// In the order in which they were put in, which is the order of `due`: all wait equally long. O(1) everywhere.
class VisitList {
 public:
  VisitList(IndexPool<Visit>& pool, VisitListName name) : pool_(pool), name_(name) {}

  bool is_empty() const { return first_ == kNoIndex; }
  std::uint32_t first() const { return first_; }
  std::uint32_t size() const { return size_; }
  void push_back(std::uint32_t index, Tick due);
  // Only of one that is in it.
  void remove(std::uint32_t index);

 private:
  IndexPool<Visit>& pool_;
  VisitListName name_;
  std::uint32_t first_ = kNoIndex;
  std::uint32_t last_ = kNoIndex;
  std::uint32_t size_ = 0;
};

}  // namespace weir::load
