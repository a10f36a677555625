#include "trellis/runtime/plan_facts.h"

#include <algorithm>

#include "trellis/base/status_macros.h"
#include "trellis/graph/infer_shapes.h"
#include "trellis/runtime/compile/internal_ops.h"
#include "trellis/runtime/evaluate.h"

namespace trellis {
namespace {

// Larger results are computed by steps: the plan would only keep them.
constexpr int64_t kMaxElements = 1024;

}  // namespace

PlanFacts::PlanFacts(const Program& program)
    : program_(program), facts_(program.graph->id_limit()) {
  for (const Node* node : program.order) {
    facts_[node->id()].resize(node->num_outputs());
  }
  for (const ProgramVariable& variable : program.variables.variables) {
    variables_.push_back({.dtype = variable.dtype, .shape = variable.shape});
  }
}

absl::StatusOr<PlanFacts> PlanFacts::Make(const Program& program,
                                          absl::Span<const Shape> feed_shapes) {
  PlanFacts facts(program);
  for (Node* node : program.order) {
    TRELLIS_RETURN_IF_ERROR(facts.Infer(*node, feed_shapes));
  }
  return facts;
}

bool PlanFacts::IsConstant(const Node& node) const {
  const std::vector<Fact>& facts = facts_[node.id()];
  return !facts.empty() &&
         std::all_of(facts.begin(), facts.end(),
                     [](const Fact& f) { return f.value.valid(); });
}

std::vector<InputFacts> PlanFacts::InputsOf(const Node& node) const {
  std::vector<InputFacts> inputs;
  for (const Output& input : node.inputs()) {
    const Fact& fact = facts_[input.node->id()][input.index];
    InputFacts& facts = inputs.emplace_back();
    facts.shape = fact.shape;
    if (fact.value.valid()) facts.value = &fact.value;
    const int variable = program_.variables.ReferentOf(input);
    if (variable >= 0) facts.variable = &variables_[variable];
  }
  return inputs;
}

absl::Status PlanFacts::Infer(Node& node, absl::Span<const Shape> feed_shapes) {
  std::vector<Fact>& facts = facts_[node.id()];
  if (node.op() == kFeedOp) {
    facts[0].shape = feed_shapes[node.attr<int64_t>("index")];
    return absl::OkStatus();
  }
  if (node.schema()->constant) {
    facts[0].value = node.attr<Tensor>("value");
    facts[0].shape = facts[0].value.shape();
    return absl::OkStatus();
  }
  if (node.schema()->variable) {
    TRELLIS_ASSIGN_OR_RETURN(NodeShapes inferred, InferShapesFrom(node, {}));
    facts[0].shape = std::move(inferred.shapes[0]);
    return absl::OkStatus();
  }
  if (!program_.options.plan || node.num_outputs() == 0) {
    // Copies of feeds and constants are planned in every mode.
    if (node.op() == kCopyOp) facts[0].shape = InputsOf(node)[0].shape;
    return absl::OkStatus();
  }
  const std::vector<InputFacts> inputs = InputsOf(node);
  TRELLIS_ASSIGN_OR_RETURN(NodeShapes inferred, InferShapesFrom(node, inputs));
  for (int i = 0; i < node.num_outputs(); ++i) {
    // What the graph knows beyond its shape functions (from a file) may
    // contradict, but is no ground to lay out memory on.
    const absl::Status agrees =
        MergeShapes(inferred.shapes[i], node.output_shape(i)).status();
    if (!agrees.ok()) return AtNode(node, agrees);
    facts[i].shape = std::move(inferred.shapes[i]);
  }
  ComputeValues(node, inputs);
  return absl::OkStatus();
}

void PlanFacts::ComputeValues(const Node& node,
                              absl::Span<const InputFacts> inputs) {
  std::vector<Fact>& facts = facts_[node.id()];
  if (!IsPure(node)) return;
  if (facts.size() == 1) {
    facts[0].value = ValueFromShapes(node, inputs);
    if (facts[0].value.valid()) return;
  }
  std::vector<Tensor> values;
  for (const InputFacts& input : inputs) {
    if (input.value == nullptr) return;
    values.push_back(*input.value);
  }
  // A view of a large constant costs nothing.
  if (node.schema()->view_of < 0 && !IsSmall(facts, values)) return;
  // What cannot be computed now is left to the run, which reports errors.
  absl::StatusOr<std::vector<Tensor>> outputs =
      Evaluate(node, values, *program_.kernels);
  if (!outputs.ok()) return;
  for (size_t i = 0; i < facts.size(); ++i) {
    facts[i].value = std::move((*outputs)[i]);
    facts[i].shape = facts[i].value.shape();
  }
}

// Outputs of unknown shape (which axes a gradient sums over) are as small as
// what they are computed from.
bool PlanFacts::IsSmall(absl::Span<const Fact> outputs,
                        absl::Span<const Tensor> inputs) {
  const bool small_inputs = std::all_of(
      inputs.begin(), inputs.end(),
      [](const Tensor& t) { return t.num_elements() <= kMaxElements; });
  return std::all_of(outputs.begin(), outputs.end(), [&](const Fact& f) {
    return f.shape.fully_defined() ? f.shape.num_elements() <= kMaxElements
                                   : small_inputs && f.shape.rank() == 1;
  });
}

}  // namespace trellis
