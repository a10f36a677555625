#include "trellis/ops/gradient_nodes.h"

#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "trellis/graph/tensor.h"

namespace trellis {
namespace {

bool FitsInt32(int64_t value) {
  return value <= std::numeric_limits<int32_t>::max();
}

Output BoundVector(GradientContext& g, const SliceBound& bound,
                   absl::string_view name) {
  if (bound.scalar) return g.Emit("Pack", {bound.scalar}, {}, name);
  return g.Constant(Tensor::Of<int32_t>({bound.literal}), name);
}

}  // namespace

absl::Status ExpectReal(const GradientContext& g) {
  const DType type = g.node().output_dtype(0);
  if (!kComplexTypes.contains(BaseType(type))) return absl::OkStatus();
  return absl::UnimplementedError(
      absl::StrCat("the gradient of ", g.node().op(), " for ", DTypeName(type),
                   " is not available"));
}

Output ShapeAs(GradientContext& g, Output x, DType dtype) {
  if (dtype == kInt32) return g.ShapeOf(x);
  if (x.shape().fully_defined()) {
    return g.Constant(
        Tensor::FromSpan<int64_t>(x.shape().dims(), {x.shape().rank()}),
        "Shape");
  }
  return g.Emit("Shape", {x}, {{"out_type", kInt64}});
}

Output AsInt32(GradientContext& g, Output x) {
  return x.dtype() == kInt32 ? x : g.Emit("Cast", {x}, {{"DstT", kInt32}});
}

Output RankOf(GradientContext& g, Output x) {
  if (!x.shape().known_rank()) return g.Emit("Rank", {x});
  return g.Constant(Tensor::Scalar<int32_t>(x.shape().rank()), "Rank");
}

Output SizeOf(GradientContext& g, Output x) {
  const int64_t size = x.shape().num_elements();
  if (size < 0 || !FitsInt32(size)) return g.Emit("Size", {x});
  return g.Constant(Tensor::Scalar<int32_t>(static_cast<int32_t>(size)),
                    "Size");
}

Output StackWith(GradientContext& g, Output head, int32_t last) {
  const auto scope = g.NameScope("stack");
  const Output tail = g.Constant(Tensor::Scalar<int32_t>(last), "1");
  return g.Emit("Pack", {head, tail}, {}, g.scope().path());
}

Output SliceVector(GradientContext& g, Output x, SliceBound begin,
                   SliceBound end, AttrMap masks) {
  const auto scope = g.NameScope("strided_slice");
  const Output from = BoundVector(g, begin, "stack");
  const Output to = BoundVector(g, end, "stack_1");
  const Output step = g.Constant(Tensor::Of<int32_t>({1}), "stack_2");
  return g.Emit("StridedSlice", {x, from, to, step}, std::move(masks),
                g.scope().path());
}

Output SumOfAll(GradientContext& g, Output x) {
  if (!x.shape().known_rank()) {
    const Output rank = g.Emit("Rank", {x});
    return g.Emit("Sum", {x, g.Emit("Range", {0, rank, 1}, {}, "range")});
  }
  std::vector<int32_t> axes(x.shape().rank());
  std::iota(axes.begin(), axes.end(), 0);
  const Output all = g.Constant(
      Tensor::FromSpan<int32_t>(axes, {static_cast<int64_t>(axes.size())}));
  return g.Emit("Sum", {x, all});
}

}  // namespace trellis
