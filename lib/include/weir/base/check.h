// WEIR_CHECK: what would corrupt memory or another flow; always on.
// WEIR_DCHECK: everything else that must hold; on unless NDEBUG.
#pragma once

namespace weir {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace weir

#define WEIR_CHECK(condition) \
  (__builtin_expect(!(condition), 0) ? ::weir::check_failed(#condition, __FILE__, __LINE__) : void())

#ifdef NDEBUG
#define WEIR_DCHECK(condition) static_cast<void>(sizeof(!(condition)))
#else
#define WEIR_DCHECK(condition) WEIR_CHECK(condition)
#endif
