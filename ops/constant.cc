// Values made from nothing or next to nothing: constants, fills, ranges.
#include <cmath>
#include <cstdlib>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/checked_int.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/gradient_context.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"
#include "trellis/ops/gradient_nodes.h"
#include "trellis/ops/partial_values.h"

namespace trellis {
namespace {

absl::Status ConstShape(ShapeContext& c) {
  const Tensor value = c.attr<Tensor>("value");
  if (value.dtype() != c.attr<DType>("dtype")) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the value is ", DTypeName(value.dtype()), ", but attribute dtype is ",
        DTypeName(c.attr<DType>("dtype"))));
  }
  return c.SetOutput(0, value.shape());
}

OpSchema Const() {
  return {
      .name = "Const",
      .doc = "A constant tensor.",
      .outputs = {{"output", "dtype"}},
      .attrs = {{.name = "value", .kind = "tensor"}, TypeAttr("dtype")},
      .shape = ConstShape,
      .not_differentiable = "has no inputs",
      .constant = true,
  };
}

absl::Status FillShape(ShapeContext& c) {
  TRELLIS_RETURN_IF_ERROR(c.ExpectRank(1, 0).status());
  TRELLIS_ASSIGN_OR_RETURN(Shape shape, SizesInput(c, 0));
  return c.SetOutput(0, std::move(shape));
}

std::optional<PartialValue> FillValue(ShapeContext& c) {
  if (!HasIntegerType(c, 1) || !FillShape(c).ok()) return std::nullopt;
  const Shape shape = c.outputs()[0];
  if (shape.rank() > 1 || shape.num_elements() < 0 ||
      shape.num_elements() > kMaxKnownElements) {
    return std::nullopt;
  }
  PartialValue value{.shape = shape};
  const std::optional<PartialValue> element = c.partial_input(1);
  value.elements.resize(shape.num_elements(), element.has_value()
                                                  ? element->elements[0]
                                                  : std::nullopt);
  return value;
}

// Input 1 is the scalar; the sizes have no gradient.
absl::Status FillGradient(GradientContext& g) {
  g.set_input_grad(1, SumOfAll(g, g.output_grad(0)));
  return g.status();
}

OpSchema Fill() {
  return {
      .name = "Fill",
      .doc = "A tensor of shape dims with the scalar value everywhere.",
      .inputs = {{"dims", "index_type"}, {"value", "T"}},
      .outputs = {{"output", "T"}},
      .attrs = {TypeAttr("T"), TypeAttr("index_type", kIndexTypes, kInt32)},
      .shape = FillShape,
      .value = FillValue,
      .gradient = FillGradient,
  };
}

OpSchema ZerosLike() {
  return {
      .name = "ZerosLike",
      .doc = "Zeros (false, empty strings) in the shape and type of x.",
      .inputs = {{"x", "T"}},
      .outputs = {{"y", "T"}},
      .attrs = {TypeAttr("T")},
      .shape = UnchangedShape,
      .not_differentiable = "does not depend on the value of its input",
  };
}

OpSchema OnesLike() {
  return {
      .name = "OnesLike",
      .doc = "Ones (true) in the shape and type of x.",
      .inputs = {{"x", "T"}},
      .outputs = {{"y", "T"}},
      .attrs = {TypeAttr("T", kFloatTypes | kComplexTypes |
                                  DTypeSet{kInt8, kUint8, kInt16, kUint16,
                                           kInt32, kInt64, kBool})},
      .shape = UnchangedShape,
      .not_differentiable = "does not depend on the value of its input",
  };
}

absl::Status WrongDirection() {
  return absl::InvalidArgumentError(
      "a range must go from start towards limit, and delta must not be 0");
}

// How many elements start, start + delta, ... lie before limit.
absl::StatusOr<int64_t> RangeLength(int64_t start, int64_t limit,
                                    int64_t delta) {
  if (delta == 0 || (delta > 0 && start > limit) ||
      (delta < 0 && start < limit)) {
    return WrongDirection();
  }
  const std::optional<int64_t> distance = CheckedSub(limit, start);
  if (!distance.has_value()) {
    return absl::InvalidArgumentError("the range is longer than 64 bits allow");
  }
  // The quotient is rounded towards 0; both have the same sign.
  return *distance / delta + (*distance % delta != 0 ? 1 : 0);
}

template <typename T>
absl::StatusOr<int64_t> FloatRangeLength(const Tensor& start,
                                         const Tensor& limit,
                                         const Tensor& delta) {
  const T a = start.scalar<T>(), b = limit.scalar<T>(), d = delta.scalar<T>();
  // Written so that NaN is refused too.
  if (!((d > 0 && a <= b) || (d < 0 && a >= b))) return WrongDirection();
  const T length = std::ceil(std::abs((b - a) / d));
  if (!(length < static_cast<T>(int64_t{1} << 62))) {
    return absl::InvalidArgumentError("the range is longer than 64 bits allow");
  }
  return static_cast<int64_t>(length);
}

absl::StatusOr<int64_t> KnownRangeLength(ShapeContext& c) {
  int64_t values[3];
  if (HasIntegerType(c, 0)) {
    for (int i = 0; i < 3; ++i) {
      TRELLIS_ASSIGN_OR_RETURN(const std::optional<int64_t> value,
                               c.integer_input(i));
      if (!value.has_value()) return kUnknownDim;
      values[i] = *value;
    }
    return RangeLength(values[0], values[1], values[2]);
  }
  const Tensor *start = c.input_value(0), *limit = c.input_value(1),
               *delta = c.input_value(2);
  if (start == nullptr || limit == nullptr || delta == nullptr) {
    return kUnknownDim;
  }
  switch (start->dtype()) {
    case kFloat32:
      return FloatRangeLength<float>(*start, *limit, *delta);
    case kFloat64:
      return FloatRangeLength<double>(*start, *limit, *delta);
    default:
      return kUnknownDim;
  }
}

absl::Status RangeShape(ShapeContext& c) {
  for (int i = 0; i < 3; ++i) {
    TRELLIS_RETURN_IF_ERROR(c.ExpectRank(i, 0).status());
  }
  TRELLIS_ASSIGN_OR_RETURN(const int64_t length, KnownRangeLength(c));
  return c.SetOutput(0, Shape{length});
}

std::optional<PartialValue> RangeValue(ShapeContext& c) {
  if (!HasIntegerType(c, 0) || !RangeShape(c).ok()) return std::nullopt;
  const int64_t length = c.outputs()[0].dim(0);
  if (length < 0 || length > kMaxKnownElements) return std::nullopt;
  PartialValue value{.shape = {length}};
  const int64_t start = *c.partial_input(0)->elements[0];
  const int64_t delta = *c.partial_input(2)->elements[0];
  for (int64_t i = 0; i < length; ++i) {
    value.elements.push_back(start + i * delta);
  }
  return value;
}

OpSchema Range() {
  return {
      .name = "Range",
      .doc =
          "start, start + delta, start + 2 * delta, ... up to, and without, "
          "limit.",
      .inputs = {{"start", "Tidx"}, {"limit", "Tidx"}, {"delta", "Tidx"}},
      .outputs = {{"output", "Tidx"}},
      .attrs = {TypeAttr(
          "Tidx", {kBfloat16, kFloat32, kFloat64, kInt32, kInt64}, kInt32)},
      .shape = RangeShape,
      .value = RangeValue,
      .not_differentiable = "no gradient is defined for ranges (TensorFlow)",
  };
}

}  // namespace

void RegisterConstantOps(OpRegistry& registry) {
  registry.Add(Const());
  registry.Add(Fill());
  registry.Add(ZerosLike());
  registry.Add(OnesLike());
  registry.Add(Range());
}

}  // namespace trellis
