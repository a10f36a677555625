// What all optimizers share: gradients of a loss, slots, and the train op.
//
//   Node* train = nn::Adam({.learning_rate = 1e-3f}).Minimize(s, total);
//
// Minimize is ComputeGradients and ApplyGradients. Names, order and number of
// the nodes are those of TensorFlow 1.15 (R7.1 - R7.10, R3.14 - R3.17), for
// reference and for resource variables.
//
// An optimizer keeps its slots: a second Minimize with the same object, on the
// same graph, shares them. It is used by one thread at a time.
//
// Errors become the graph's status; a node is then the graph's error node.
#ifndef TRELLIS_NN_OPTIMIZER_H_
#define TRELLIS_NN_OPTIMIZER_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "trellis/graph/gradients.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/indexed_slices.h"
#include "trellis/graph/input.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/source_location.h"
#include "trellis/graph/variable.h"

namespace trellis::nn {

// Which gradients must all be ready before any is used (R7.3): none, those of
// one operation, all.
enum class Gate : uint8_t { kNone, kOp, kGraph };

struct GradientAndVariable {
  Gradient gradient;  // none if the loss does not depend on the variable
  Variable variable;
};

struct ComputeGradientsOptions {
  std::vector<Variable> variables = {};  // empty: TRAINABLE_VARIABLES
  Gate gate = Gate::kOp;
  Aggregation aggregation = Aggregation::kAddN;
  bool colocate_with_ops = false;
  GivenGradient grad_loss = {};  // ones
};

struct ApplyGradientsOptions {
  Variable global_step = {};  // incremented after the updates
  std::string name = "";      // of the train op; "": the optimizer's
};

struct MinimizeOptions {
  Variable global_step = {};
  std::vector<Variable> variables = {};
  // Gradients and updates wait for UPDATE_OPS, such as batch_norm.h's, as below
  // WithControlDependencies. If not, a warning names the layers whose updates
  // are left to the caller.
  bool run_update_ops = true;
  Gate gate = Gate::kOp;
  Aggregation aggregation = Aggregation::kAddN;
  bool colocate_with_ops = false;
  GivenGradient grad_loss = {};
  std::string name = "";
};

class Optimizer {
 public:
  virtual ~Optimizer() = default;

  // The train op, as ApplyGradients. InvalidArgument, besides its errors, if no
  // variable has a gradient (R7.1).
  Node* Minimize(const Scope& scope, Output loss,
                 const MinimizeOptions& options = {},
                 SourceLocation location = std::source_location::current());

  // One entry for each variable, in their order. InvalidArgument if there are
  // no variables, or if the loss or a variable with a gradient is not
  // floating-point (R7.2); what AddGradients says.
  std::vector<GradientAndVariable> ComputeGradients(
      const Scope& scope, Output loss,
      const ComputeGradientsOptions& options = {},
      SourceLocation location = std::source_location::current());

  // The node that runs all updates, which is added to TRAIN_OP (R7.5).
  // Variables without a gradient are left alone. InvalidArgument if none has
  // one (R7.4); Unimplemented for gradients that are IndexedSlices.
  Node* ApplyGradients(
      const Scope& scope, const std::vector<GradientAndVariable>& gradients,
      const ApplyGradientsOptions& options = {},
      SourceLocation location = std::source_location::current());

  const std::string& name() const { return name_; }
  // The slot for this purpose ("momentum", "m", "v"); none if it was not made.
  Variable FindSlot(const Variable& variable, absl::string_view role) const;

 protected:
  // `name` is that of the train op and of slots.
  explicit Optimizer(std::string name) : name_(std::move(name)) {}

  // Makes what is kept between steps, for variables that are updated.
  virtual void CreateSlots(const Scope& scope,
                           const std::vector<Variable>& variables,
                           SourceLocation location) = 0;
  // Makes the hyper-parameters.
  virtual void Prepare(const Scope& scope, SourceLocation location) = 0;
  // Updates one variable. `scope` is that of the update, placed with it.
  virtual Node* Apply(const Scope& scope, const Variable& variable,
                      Output gradient, SourceLocation location) = 0;
  // Nodes that run after all updates.
  virtual std::vector<Node*> Finish(const Scope& scope,
                                    const std::vector<Node*>& updates,
                                    SourceLocation location);

  // A slot of zeros like `variable`: "<variable>/<optimizer>", "..._1" (R3.14).
  void AddZerosSlot(const Scope& scope, const Variable& variable,
                    absl::string_view role, SourceLocation location);
  // REQUIRES: it was made.
  Variable Slot(const Variable& variable, absl::string_view role) const;

  // A hyper-parameter: a number becomes a float32 constant (R7.37).
  static Output Parameter(const Scope& scope, const Input& value,
                          absl::string_view name, SourceLocation location);
  // The hyper-parameter as an update of a variable of this type takes it.
  static Input As(const Scope& scope, const Input& parameter, DType dtype,
                  SourceLocation location);

 private:
  Node* Update(const Scope& scope, const Variable& variable,
               const Gradient& gradient, SourceLocation location);
  Node* AddTrainOp(const Scope& scope, const std::vector<Node*>& updates,
                   const Variable& global_step, SourceLocation location);

  const std::string name_;
  std::map<std::pair<const VariableInfo*, std::string>, Variable> slots_;
};

}  // namespace trellis::nn

#endif  // TRELLIS_NN_OPTIMIZER_H_
