#include "trellis/ops/partial_arithmetic.h"

#include <algorithm>

#include "trellis/base/checked_int.h"

namespace trellis {

std::optional<int64_t> KnownAs(DType dtype, std::optional<int64_t> value) {
  if (!value.has_value()) return std::nullopt;
  if (dtype == kInt32 && !CheckedCast<int32_t>(*value)) return std::nullopt;
  return value;
}

std::optional<PartialValue> PartialBinary(
    ShapeContext& c, std::optional<int64_t> (*f)(int64_t, int64_t)) {
  const std::optional<PartialValue> x = c.partial_input(0);
  const std::optional<PartialValue> y = c.partial_input(1);
  if (!x.has_value() || !y.has_value()) return std::nullopt;
  const size_t nx = x->elements.size(), ny = y->elements.size();
  if (nx != ny && nx != 1 && ny != 1) return std::nullopt;
  const size_t n = nx == 1 ? ny : nx;
  PartialValue result;
  result.shape = x->shape.rank() == 0 && y->shape.rank() == 0
                     ? Shape::Scalar()
                     : Shape{static_cast<int64_t>(n)};
  result.elements.resize(n);
  for (size_t i = 0; i < n; ++i) {
    const std::optional<int64_t> a = x->elements[nx == 1 ? 0 : i];
    const std::optional<int64_t> b = y->elements[ny == 1 ? 0 : i];
    if (!a.has_value() || !b.has_value()) continue;
    result.elements[i] = KnownAs(c.input_dtype(0), f(*a, *b));
  }
  return result;
}

}  // namespace trellis
