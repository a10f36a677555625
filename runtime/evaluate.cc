#include "trellis/runtime/evaluate.h"

#include <atomic>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/base/team.h"
#include "trellis/runtime/kernel/run_context.h"
#include "trellis/runtime/prepared_node.h"

namespace trellis {

bool IsPure(const Node& node) {
  const OpSchema* schema = node.schema();
  if (schema == nullptr || schema->stateful || schema->random ||
      schema->variable || node.num_outputs() == 0) {
    return false;
  }
  for (const Output& input : node.inputs()) {
    if (IsRef(input.dtype()) || input.dtype() == kResource ||
        input.dtype() == kVariant) {
      return false;
    }
  }
  for (int i = 0; i < node.num_outputs(); ++i) {
    const DType dtype = node.output_dtype(i);
    if (IsRef(dtype) || dtype == kResource || dtype == kVariant) return false;
  }
  return true;
}

absl::StatusOr<std::vector<Tensor>> Evaluate(const Node& node,
                                             absl::Span<const Tensor> inputs,
                                             const KernelRegistry& kernels) {
  std::vector<InputFacts> facts;
  for (const Tensor& input : inputs) {
    facts.push_back({.shape = input.shape(), .value = &input});
  }
  TRELLIS_ASSIGN_OR_RETURN(NodeShapes shapes, InferShapesFrom(node, facts));
  if (node.schema()->view_of >= 0 && shapes.shapes[0].fully_defined()) {
    return std::vector<Tensor>{
        inputs[node.schema()->view_of].Reshaped(shapes.shapes[0])};
  }
  const KernelEntry* entry = kernels.Find(node, kCpu);
  if (entry == nullptr) {
    return absl::UnimplementedError(
        absl::StrCat("no CPU kernel for ", node.op()));
  }
  TRELLIS_ASSIGN_OR_RETURN(PreparedNode prepared,
                           PrepareNode(node, *entry, facts, std::move(shapes)));

  // One base per input and output, and one for scratch.
  const int num_inputs = node.num_inputs(), num_outputs = node.num_outputs();
  const int num_bases = num_inputs + num_outputs + 1;
  std::vector<char*> data(num_bases);
  std::vector<VariableState*> variables(num_bases);
  std::vector<Tensor> owned(num_bases);
  std::vector<Slot> slots(num_bases);
  std::vector<DType> output_dtypes;
  for (int i = 0; i < num_bases; ++i) slots[i].base = i;
  for (int i = 0; i < num_inputs; ++i) {
    data[i] = static_cast<char*>(inputs[i].data());
  }
  for (int i = 0; i < num_outputs; ++i) {
    const Shape& shape = prepared.output_shapes[i];
    output_dtypes.push_back(node.output_dtype(i));
    if (!shape.fully_defined()) continue;
    TRELLIS_ASSIGN_OR_RETURN(owned[num_inputs + i],
                             Tensor::Allocate(output_dtypes[i], shape));
    data[num_inputs + i] = static_cast<char*>(owned[num_inputs + i].data());
  }
  TRELLIS_ASSIGN_OR_RETURN(
      const Tensor scratch,
      Tensor::Allocate(kUint8, {static_cast<int64_t>(prepared.scratch_bytes)}));
  data[num_bases - 1] = static_cast<char*>(scratch.data());

  const Operands operands{.slots = slots.data(),
                          .num_inputs = num_inputs,
                          .scratch = slots[num_bases - 1]};
  Team team(0);
  const std::atomic<bool> cancelled = false;
  RunContext context({data.data(), variables.data(), owned.data()}, team,
                     cancelled, RunContext::kNoDeadline, nullptr);
  context.Bind(0, &operands, nullptr);
  context.set_output_dtypes(output_dtypes.data());
  const absl::Status status = prepared.kernel->Run(context);
  if (!status.ok()) return AtNode(node, status);
  return std::vector<Tensor>(owned.begin() + num_inputs,
                             owned.begin() + num_inputs + num_outputs);
}

}  // namespace trellis
