#include "trellis/graph/zeros.h"

#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "trellis/graph/op_builder.h"

namespace trellis {
namespace {

// TensorFlow's limit above which zeros are no constant.
constexpr int64_t kMaxConstantElements = 1000;

bool FitsInt32(const Shape& shape) {
  for (int64_t dim : shape.dims()) {
    if (dim > std::numeric_limits<int32_t>::max()) return false;
  }
  return true;
}

bool KnownInt32Shape(const Shape& shape) {
  return shape.fully_defined() && FitsInt32(shape);
}

Tensor ShapeTensor(const Shape& shape) {
  const std::vector<int32_t> dims(shape.dims().begin(), shape.dims().end());
  return Tensor::FromSpan<int32_t>(dims, {static_cast<int64_t>(dims.size())});
}

}  // namespace

Tensor ZeroTensor(DType dtype, const Shape& shape) {
  Tensor zeros(dtype, shape);
  if (DTypeSize(dtype) != 0 && zeros.bytes() != 0) {
    std::memset(zeros.data(), 0, zeros.bytes());
  }
  return zeros;
}

Output ShapeOf(const Scope& scope, Output x, absl::string_view name,
               SourceLocation location) {
  if (KnownInt32Shape(x.shape())) {
    return Constant(scope, ShapeTensor(x.shape()), name, location);
  }
  return Emit(scope, "Shape", {x}, {}, name, location);
}

Output Zeros(const Scope& scope, const Shape& shape, DType dtype,
             absl::string_view name, SourceLocation location) {
  if (shape.num_elements() < kMaxConstantElements) {
    return Constant(scope, ZeroTensor(dtype, shape), name, location);
  }
  const Scope inner = scope.NameScope(name);
  const Output dims =
      Constant(inner, ShapeTensor(shape), "shape_as_tensor", location);
  const Output zero =
      Constant(inner, ZeroTensor(dtype, Shape::Scalar()), "Const", location);
  return Emit(inner, "Fill", {dims, zero}, {}, inner.path(), location);
}

Output Zeros(const Scope& scope, Output shape, DType dtype,
             absl::string_view name, SourceLocation location) {
  const Scope inner = scope.NameScope(name);
  const Output zero =
      Constant(inner, ZeroTensor(dtype, Shape::Scalar()), "Const", location);
  return Emit(inner, "Fill", {shape, zero}, {}, inner.path(), location);
}

Output ZerosLike(const Scope& scope, Output x, absl::string_view name,
                 SourceLocation location) {
  const DType dtype = BaseType(x.dtype());
  const bool host = DTypeSize(dtype) != 0 || dtype == kString;
  if (KnownInt32Shape(x.shape()) && host) {
    return Zeros(scope, x.shape(), dtype, name, location);
  }
  return Emit(scope, "ZerosLike", {x}, {}, name, location);
}

Output ZerosLikeVariable(const Scope& scope, Output handle,
                         SourceLocation location) {
  const HandleInfo* info = scope.graph().FindHandle(handle);
  if (info == nullptr) {
    const absl::Status error = absl::InvalidArgumentError(absl::StrCat(
        handle.name(), " refers to a variable of unknown type, so zeros like ",
        "it cannot be made"));
    return scope.graph().AddError(error)->output();
  }
  const Output shape =
      KnownInt32Shape(info->shape)
          ? Constant(scope, ShapeTensor(info->shape), "Const", location)
          : Emit(scope, "VariableShape", {handle}, {}, "VariableShape",
                 location);
  return Zeros(scope, shape, info->dtype, "zeros", location);
}

}  // namespace trellis
