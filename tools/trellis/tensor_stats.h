// What a tensor's elements are like, in a few figures.
#ifndef TRELLIS_TOOLS_TRELLIS_TENSOR_STATS_H_
#define TRELLIS_TOOLS_TRELLIS_TENSOR_STATS_H_

#include <cstdint>
#include <string>

#include "trellis/graph/tensor.h"

namespace trellis {

// Of the numbers in a tensor (two for each complex element, 0 and 1 for bool).
// All but `crc32` are NaN if there are no numbers, and where one of them is
// NaN.
struct TensorStats {
  double min, max, mean;
  double std;  // around the mean, of all numbers: divided by n
  double l2;   // sqrt of the sum of squares
  int64_t not_finite = 0;
  // CRC-32 (zlib's) of the elements as they lie in a file: row-major and
  // little-endian; of strings, their bytes one after the other.
  uint32_t crc32 = 0;
};

TensorStats StatsOf(const Tensor& tensor);

// The 8 hexadecimal digits of a CRC-32.
std::string Crc32Text(uint32_t crc32);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_TENSOR_STATS_H_
