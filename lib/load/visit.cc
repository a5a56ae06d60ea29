#include <weir/load/visit.h>

namespace weir::load {

void VisitList::push_back(std::uint32_t index, Tick due) {
  Visit& visit = pool_[index];
  WEIR_DCHECK(visit.list == VisitListName::kNone);
  visit.list = name_;
  visit.due = due;
  visit.next = kNoIndex;
  visit.previous = last_;
  (last_ == kNoIndex ? first_ : pool_[last_].next) = index;
  last_ = index;
  ++size_;
}

void VisitList::remove(std::uint32_t index) {
  Visit& visit = pool_[index];
  WEIR_DCHECK(visit.list == name_);
  (visit.previous == kNoIndex ? first_ : pool_[visit.previous].next) = visit.next;
  (visit.next == kNoIndex ? last_ : pool_[visit.next].previous) = visit.previous;
  visit.list = VisitListName::kNone;
  --size_;
}

}  // namespace weir::load
