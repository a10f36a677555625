#include "trellis/tools/trellis/placeholders.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/data/split_mix.h"

namespace trellis {
namespace {

template <typename T>
Tensor FillBits(Tensor tensor, SplitMix64& random) {
  for (T& x : tensor.flat<T>()) x = static_cast<T>(random.Below(2));
  return tensor;
}

template <typename T>
Tensor FillUniform(Tensor tensor, SplitMix64& random) {
  for (T& x : tensor.flat<T>()) x = random.Uniform();
  return tensor;
}

}  // namespace

std::vector<Output> NeededPlaceholders(const std::vector<const Node*>& nodes,
                                       absl::Span<const Output> fed) {
  const absl::flat_hash_set<Output> cut(fed.begin(), fed.end());
  absl::flat_hash_set<const Node*> seen;
  std::vector<const Node*> stack = nodes;
  std::vector<Output> needed;
  while (!stack.empty()) {
    const Node* node = stack.back();
    stack.pop_back();
    if (!seen.insert(node).second) continue;
    if (node->schema() != nullptr && node->schema()->must_be_fed) {
      needed.push_back(const_cast<Node*>(node)->output());
    }
    for (const Output& input : node->inputs()) {
      if (input && !cut.contains(input)) stack.push_back(input.node);
    }
    for (const Node* control : node->control_inputs()) {
      stack.push_back(control);
    }
  }
  std::erase_if(needed, [&](const Output& o) { return cut.contains(o); });
  std::sort(needed.begin(), needed.end(), [](const Output& a, const Output& b) {
    return a.node->id() < b.node->id();
  });
  return needed;
}

absl::StatusOr<std::vector<ShapedTensor>> ParseShapes(
    absl::Span<const std::string> texts, const Graph& graph,
    const TensorNames& names) {
  std::vector<ShapedTensor> shapes;
  for (const std::string& text : texts) {
    const size_t equals = text.rfind('=');
    const absl::StatusOr<Shape> shape =
        equals == text.npos
            ? absl::InvalidArgumentError("no '='")
            : Shape::Parse(absl::StrCat("[", text.substr(equals + 1), "]"));
    if (!shape.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--shape is \"", text, "\", must be as in NAME=1,224,224,3"));
    }
    TRELLIS_ASSIGN_OR_RETURN(
        const Output tensor,
        ResolveTensor(graph, names, text.substr(0, equals)));
    if (!shape->CompatibleWith(tensor.shape())) {
      return absl::InvalidArgumentError(
          absl::StrCat("--shape ", text, ": ", tensor.name(), " is ",
                       tensor.shape().ToString()));
    }
    shapes.push_back({tensor, *shape});
  }
  return shapes;
}

std::vector<ShapedTensor> ShapesFor(const std::vector<Output>& tensors,
                                    const std::vector<ShapedTensor>& given,
                                    int64_t batch) {
  std::vector<ShapedTensor> shapes;
  for (const Output& tensor : tensors) {
    Shape shape = tensor.shape();
    for (const ShapedTensor& other : given) {
      if (other.tensor == tensor) shape = other.shape;
    }
    if (shape.rank() >= 1 && shape.dim(0) < 0) shape.set_dim(0, batch);
    shapes.push_back({tensor, shape});
  }
  return shapes;
}

absl::StatusOr<Tensor> RandomTensor(const ShapedTensor& wanted,
                                    uint64_t stream) {
  const std::string name = wanted.tensor.name();
  if (!wanted.shape.fully_defined()) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " is ", wanted.shape.ToString(),
                     "; say how large with --shape ", name, "=..."));
  }
  const DType dtype = wanted.tensor.dtype();
  TRELLIS_ASSIGN_OR_RETURN(Tensor tensor,
                           Tensor::Allocate(dtype, wanted.shape));
  SplitMix64 random(/*seed=*/1, stream);
  switch (dtype) {
    case kFloat32:
      return FillUniform<float>(std::move(tensor), random);
    case kFloat64:
      return FillUniform<double>(std::move(tensor), random);
    case kInt8:
      return FillBits<int8_t>(std::move(tensor), random);
    case kInt16:
      return FillBits<int16_t>(std::move(tensor), random);
    case kInt32:
      return FillBits<int32_t>(std::move(tensor), random);
    case kInt64:
      return FillBits<int64_t>(std::move(tensor), random);
    case kUint8:
      return FillBits<uint8_t>(std::move(tensor), random);
    case kUint16:
      return FillBits<uint16_t>(std::move(tensor), random);
    case kUint32:
      return FillBits<uint32_t>(std::move(tensor), random);
    case kUint64:
      return FillBits<uint64_t>(std::move(tensor), random);
    case kBool:
      return FillBits<bool>(std::move(tensor), random);
    case kString:
      return tensor;
    default:
      return absl::InvalidArgumentError(
          absl::StrCat("no data can be made up for ", name, ", which is ",
                       DTypeName(dtype), "; give it with --feed"));
  }
}

}  // namespace trellis
