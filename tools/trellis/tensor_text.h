// Elements of tensors in answers.
#ifndef TRELLIS_TOOLS_TRELLIS_TENSOR_TEXT_H_
#define TRELLIS_TOOLS_TRELLIS_TENSOR_TEXT_H_

#include <cstdint>
#include <string>

#include "trellis/graph/tensor.h"
#include "trellis/tools/trellis/json_writer.h"

namespace trellis {

// A tensor as a JSON value: the one element of a scalar, else an array of the
// elements in row-major order, `limit` of them at most. Complex numbers are
// pairs, strings text; elements of other types that are no numbers are null.
void WriteElements(const Tensor& tensor, int64_t limit, JsonWriter& json);

// Tensor::ToString with any limit of at least 0.
std::string ElementsText(const Tensor& tensor, int64_t limit);

// The fields "dtype" and "shape".
void WriteTypeAndShape(DType dtype, const Shape& shape, JsonWriter& json);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_TENSOR_TEXT_H_
