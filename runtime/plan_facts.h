// What is known of every value of a Program once the shapes of the feeds are.
#ifndef TRELLIS_RUNTIME_PLAN_FACTS_H_
#define TRELLIS_RUNTIME_PLAN_FACTS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/tensor.h"
#include "trellis/runtime/prepared_node.h"
#include "trellis/runtime/program.h"

namespace trellis {

class PlanFacts {
 public:
  // Infers shapes in the program's order, and computes small values that follow
  // from shapes and constants (what a gradient does with the shapes of its
  // operands), with the CPU kernels. Without options.plan only constants are
  // known. Errors of shape functions, with the node's name.
  static absl::StatusOr<PlanFacts> Make(const Program& program,
                                        absl::Span<const Shape> feed_shapes);

  const Shape& shape(Output o) const {
    return facts_[o.node->id()][o.index].shape;
  }
  // Invalid if unknown; in host memory.
  const Tensor& value(Output o) const {
    return facts_[o.node->id()][o.index].value;
  }
  // Are the values of all its outputs known (and has it any)?
  bool IsConstant(const Node& node) const;

  // For each input of the node, as PrepareNode wants them. Points into this.
  std::vector<InputFacts> InputsOf(const Node& node) const;

 private:
  struct Fact {
    Shape shape;
    Tensor value;
  };

  explicit PlanFacts(const Program& program);
  static bool IsSmall(absl::Span<const Fact> outputs,
                      absl::Span<const Tensor> inputs);
  absl::Status Infer(Node& node, absl::Span<const Shape> feed_shapes);
  void ComputeValues(const Node& node, absl::Span<const InputFacts> inputs);

  const Program& program_;
  std::vector<std::vector<Fact>> facts_;  // by node id, output
  std::vector<HandleInfo> variables_;     // by variable
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_PLAN_FACTS_H_
