// Arithmetic on counts of untrusted origin: what is too large stays at the
// largest int64_t.
#ifndef TRELLIS_TOOLS_TRELLIS_SATURATING_H_
#define TRELLIS_TOOLS_TRELLIS_SATURATING_H_

#include <cstdint>
#include <limits>

namespace trellis {

// REQUIRES of both: a, b >= 0.
inline int64_t SaturatingAdd(int64_t a, int64_t b) {
  int64_t sum;
  return __builtin_add_overflow(a, b, &sum)
             ? std::numeric_limits<int64_t>::max()
             : sum;
}
inline int64_t SaturatingMultiply(int64_t a, int64_t b) {
  int64_t product;
  return __builtin_mul_overflow(a, b, &product)
             ? std::numeric_limits<int64_t>::max()
             : product;
}

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_SATURATING_H_
