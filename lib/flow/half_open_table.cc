#include <weir/flow/half_open_table.h>

namespace weir {

HalfOpenTable::HalfOpenTable(std::uint32_t capacity, SipKey secret, Tick now)
    : secret_(secret),
      records_(capacity, "half-open records"),
      table_(capacity, "half-open table"),
      wheel_(Links{&records_}, now) {}

std::size_t HalfOpenTable::bytes_for(std::uint32_t capacity) {
  return capacity * IndexPool<HalfOpen>::bytes_each() + ConnectionTable::bytes_for(capacity);
}

std::uint32_t HalfOpenTable::insert(const HalfOpen& record, std::uint64_t hash) {
  WEIR_DCHECK(hash == flow_hash(record.key(), secret_));
  const std::uint32_t index = records_.allocate(record);
  if (index == kNoIndex) return kNoIndex;
  records_[index].timer = TimerLinks{};
  if (table_.insert(hash, index)) return index;
  records_.free(index);
  return kNoIndex;
}

void HalfOpenTable::erase(std::uint32_t index, std::uint64_t hash) {
  WEIR_DCHECK(hash == flow_hash(records_[index].key(), secret_));
  wheel_.cancel(index);
  table_.erase(hash, index);
  records_.free(index);
}

}  // namespace weir
