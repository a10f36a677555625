// Integer arithmetic that notices when the result does not fit.
//
// Sizes and offsets that come from input go through these, so that a hostile
// shape is an error and never a short buffer:
//
//   std::optional<int64_t> bytes = CheckedMul(num_elements, element_size);
//   if (!bytes) return absl::InvalidArgumentError("the tensor is too large");
#ifndef TRELLIS_BASE_CHECKED_INT_H_
#define TRELLIS_BASE_CHECKED_INT_H_

#include <concepts>
#include <cstdint>
#include <optional>
#include <utility>

namespace trellis {

// The exact result, or nothing where it is outside of int64_t.
constexpr std::optional<int64_t> CheckedAdd(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

constexpr std::optional<int64_t> CheckedSub(int64_t a, int64_t b) {
  int64_t difference = 0;
  if (__builtin_sub_overflow(a, b, &difference)) return std::nullopt;
  return difference;
}

constexpr std::optional<int64_t> CheckedMul(int64_t a, int64_t b) {
  int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

// The smallest multiple of `multiple` that is >= value.
// REQUIRES: value >= 0, multiple > 0.
constexpr std::optional<int64_t> CheckedRoundUp(int64_t value,
                                                int64_t multiple) {
  const int64_t rest = value % multiple;
  return rest == 0 ? value : CheckedAdd(value, multiple - rest);
}

// `value` as a To, or nothing where a To cannot hold it.
template <std::integral To, std::integral From>
constexpr std::optional<To> CheckedCast(From value) {
  if (!std::in_range<To>(value)) return std::nullopt;
  return static_cast<To>(value);
}

}  // namespace trellis

#endif  // TRELLIS_BASE_CHECKED_INT_H_
