#include "trellis/graph/sum_gradients.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "trellis/graph/op_builder.h"
#include "trellis/graph/shape.h"

namespace trellis {
namespace {

Output AddN(const Scope& scope, const std::vector<Output>& terms,
            SourceLocation location) {
  if (terms.size() == 1) return terms[0];
  const std::vector<Input> inputs(terms.begin(), terms.end());
  return Emit(scope, "AddN", inputs, {}, "", location);
}

// R6.13: first on each device, where the first term is, then all.
Output AddPerDevice(const Scope& scope, const std::vector<Output>& terms,
                    SourceLocation location) {
  std::map<std::string, std::vector<Output>> by_device;
  for (Output term : terms) by_device[term.node->device()].push_back(term);
  std::vector<Output> sums;
  for (const auto& [device, together] : by_device) {
    const Scope place =
        scope.ColocateWith(together[0], /*ignore_existing=*/true);
    sums.push_back(AddN(place, together, location));
  }
  return AddN(scope, sums, location);
}

Output AddTree(const Scope& scope, const Node& node,
               const std::vector<Output>& terms, SourceLocation location) {
  const Scope below =
      scope.NameScope(absl::StrCat(node.name(), "_gradient_sum"));
  Output sum = terms[0];
  for (size_t i = 1; i < terms.size(); ++i) {
    sum = AddN(below, {sum, terms[i]}, location);
  }
  return sum;
}

Output Accumulate(const Scope& scope, const Node& node,
                  const std::vector<Output>& terms, SourceLocation location) {
  for (Output term : terms) {
    if (terms.size() <= 2 || !term.shape().fully_defined()) {
      return AddTree(scope, node, terms, location);
    }
  }
  const std::vector<Input> inputs(terms.begin(), terms.end());
  return Emit(scope, "AccumulateNV2", inputs, {{"shape", terms[0].shape()}}, "",
              location);
}

Output AddDense(const Scope& scope, const Node& node,
                absl::Span<const Gradient> gradients, Aggregation aggregation,
                SourceLocation location) {
  std::vector<Output> terms;
  for (const Gradient& gradient : gradients) {
    terms.push_back(gradient.output());
  }
  switch (aggregation) {
    case Aggregation::kAddN:
      return AddPerDevice(scope, terms, location);
    case Aggregation::kTree:
      return AddTree(scope, node, terms, location);
    case Aggregation::kAccumulateN:
      return Accumulate(scope, node, terms, location);
  }
  return {};
}

// One AddN; slices become dense below it, named after the argument they are.
Output AddMixed(const Scope& scope, absl::Span<const Gradient> gradients,
                SourceLocation location) {
  const Scope below = scope.NameScope("AddN");
  std::vector<Input> terms;
  for (size_t i = 0; i < gradients.size(); ++i) {
    const IndexedSlices* slices = gradients[i].slices();
    terms.push_back(
        slices == nullptr
            ? gradients[i].output()
            : Densify(below, *slices, absl::StrCat("inputs_", i), location));
  }
  return Emit(below, "AddN", terms, {}, below.path(), location);
}

Output ConcatRows(const Scope& scope, std::vector<Input> parts,
                  SourceLocation location) {
  parts.push_back(0);
  return Emit(scope, "ConcatV2", parts, {}, "concat", location);
}

IndexedSlices Concatenate(const Scope& scope,
                          absl::Span<const Gradient> gradients,
                          SourceLocation location) {
  std::vector<Input> values, indices;
  bool same_type = true;
  const DType first = gradients[0].slices()->indices.dtype();
  for (const Gradient& gradient : gradients) {
    same_type = same_type && gradient.slices()->indices.dtype() == first;
  }
  for (const Gradient& gradient : gradients) {
    const IndexedSlices& slices = *gradient.slices();
    values.push_back(slices.values);
    indices.push_back(same_type || slices.indices.dtype() == kInt64
                          ? slices.indices
                          : Emit(scope, "Cast", {slices.indices},
                                 {{"DstT", kInt64}}, "", location));
  }
  const Output rows = ConcatRows(scope, std::move(values), location);
  return {.values = rows,
          .indices = ConcatRows(scope, std::move(indices), location),
          .dense_shape = gradients[0].slices()->dense_shape};
}

}  // namespace

Gradient SumGradients(const Scope& scope, const Node& node,
                      absl::Span<const Gradient> terms, Aggregation aggregation,
                      SourceLocation location) {
  if (terms.empty()) return {};
  if (terms.size() == 1) return terms[0];
  size_t num_slices = 0;
  for (const Gradient& term : terms) {
    if (term.slices() != nullptr) ++num_slices;
  }
  if (num_slices == 0) {
    return AddDense(scope, node, terms, aggregation, location);
  }
  if (num_slices < terms.size()) return AddMixed(scope, terms, location);
  return Concatenate(scope, terms, location);
}

}  // namespace trellis
