// Arithmetic on what is known of integer scalars and vectors: how shapes that a
// program computes from shapes reach shape functions (ValueFunction).
#ifndef TRELLIS_OPS_PARTIAL_ARITHMETIC_H_
#define TRELLIS_OPS_PARTIAL_ARITHMETIC_H_

#include <cstdint>
#include <optional>

#include "trellis/graph/dtype.h"
#include "trellis/graph/shape_context.h"

namespace trellis {

// `value` where an element of that type can hold it: the program's own
// arithmetic wraps around, so nothing is known of a result that does not fit.
std::optional<int64_t> KnownAs(DType dtype, std::optional<int64_t> value);

// What is known of f(x, y), element by element, of inputs 0 and 1 under
// broadcasting. f may return nullopt; its results go through KnownAs.
std::optional<PartialValue> PartialBinary(ShapeContext& c,
                                          std::optional<int64_t> (*f)(int64_t,
                                                                      int64_t));

}  // namespace trellis

#endif  // TRELLIS_OPS_PARTIAL_ARITHMETIC_H_
