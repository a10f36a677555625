// The elements of any numeric tensor, as double.
#ifndef TRELLIS_TOOLS_TRELLIS_NUMBER_OF_H_
#define TRELLIS_TOOLS_TRELLIS_NUMBER_OF_H_

#include <cstdint>

#include "trellis/graph/tensor.h"

namespace trellis {

// Is the dtype one of numbers, bool included?
bool HasNumbers(DType dtype);

// How many numbers an element is: 2 of complex ones, else 1.
int64_t NumbersPerElement(DType dtype);

// Number `i` of the tensor, rounded where double cannot hold it; false is 0.
// Complex elements are two numbers each. REQUIRES: HasNumbers(tensor.dtype()),
// 0 <= i < num_elements * NumbersPerElement.
double NumberOf(const Tensor& tensor, int64_t i);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_NUMBER_OF_H_
