// Tensors as plain arrays of doubles: what the references of op cases compute
// with.
#ifndef TRELLIS_TESTS_CONFORMANCE_ARRAY_H_
#define TRELLIS_TESTS_CONFORMANCE_ARRAY_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "trellis/graph/dtype.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/tensor.h"

namespace trellis::testing {

// The position of an element, one number per dimension.
using Index = std::vector<int64_t>;

// Row-major elements under a fully defined shape.
struct Array {
  // Of the tensor that it stands for: integer operations round.
  DType dtype = kFloat64;
  Shape shape = Shape::Scalar();
  std::vector<double> values = {0};

  Array() = default;
  // Zeros.
  Array(DType dtype, Shape shape);
  Array(DType dtype, Shape shape, std::vector<double> values);
  // f of each position.
  Array(DType dtype, Shape shape, const std::function<double(const Index&)>& f);

  int64_t size() const { return static_cast<int64_t>(values.size()); }
  int rank() const { return shape.rank(); }
  int64_t dim(int i) const { return shape.dim(i); }
  double& operator[](int64_t i) { return values[i]; }
  double operator[](int64_t i) const { return values[i]; }
  double at(const Index& index) const;
  double& at(const Index& index);
  // Of an array that stands for sizes, axes or indices.
  std::vector<int64_t> integers() const;
};

// Calls f with every position of a shape, in row-major order.
void ForEachIndex(const Shape& shape,
                  const std::function<void(const Index&)>& f);

// Can arrays stand for tensors of this type? Not for resources and variants.
bool IsArrayType(DType dtype);
bool IsFloatingPoint(DType dtype);  // float32 and float64
bool IsUnsigned(DType dtype);

// The value nearest to x that a tensor of the type holds, and that arithmetic
// on it keeps: half and bfloat16, which only kernels that move elements take,
// hold integers here.
double Rounded(DType dtype, double x);

// 2^-23, 2^-52; 0 of types whose arithmetic is exact.
double Epsilon(DType dtype);

// A string is the number in decimal, "" for 0; a complex number x is (x, -x).
// REQUIRES: IsArrayType; each value is one that the type holds.
Tensor ToTensor(const Array& array);

// The inverse. What no array stands for becomes a NaN.
Array FromTensor(const Tensor& tensor);

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_CONFORMANCE_ARRAY_H_
