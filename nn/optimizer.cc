#include "trellis/nn/optimizer.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "trellis/base/check.h"
#include "trellis/base/log.h"
#include "trellis/graph/collections.h"
#include "trellis/graph/group.h"
#include "trellis/graph/initializers.h"
#include "trellis/graph/op_builder.h"
#include "trellis/graph/regularizers.h"
#include "trellis/graph/variable_store.h"
#include "trellis/ops/cast_ops.h"

namespace trellis::nn {
namespace {

using absl::InvalidArgumentError;
using absl::StrCat;

std::string NamesOf(const std::vector<Variable>& variables) {
  return absl::StrJoin(variables, ", ", [](std::string* out, Variable v) {
    out->append(v.name());
  });
}

absl::Status CheckFloating(absl::string_view what, absl::string_view name,
                           DType dtype) {
  if (kFloatTypes.contains(BaseType(dtype))) return absl::OkStatus();
  return InvalidArgumentError(
      StrCat(what, " ", name, " is ", DTypeName(dtype),
             "; only floating-point numbers can be optimized"));
}

// "fc1/batch_norm" of "fc1/batch_norm/AssignMovingAvg".
std::string LayerOf(const Node* update) {
  const std::string& name = update->name();
  const size_t moving = name.rfind("/AssignMovingAvg");
  const size_t slash = moving == name.npos ? name.rfind('/') : moving;
  return slash == name.npos ? name : name.substr(0, slash);
}

void WarnOfUpdates(const std::vector<Node*>& updates) {
  std::vector<std::string> layers;
  for (const Node* update : updates) {
    std::string layer = LayerOf(update);
    if (layers.empty() || layers.back() != layer) {
      layers.push_back(std::move(layer));
    }
  }
  if (layers.empty()) return;
  TRELLIS_LOG(Warning)
      << "Minimize leaves out the UPDATE_OPS of " << absl::StrJoin(layers, ", ")
      << ": unless something else runs them, their moving statistics stay as "
         "they were initialized";
}

// The variable with the constraint's value, after `update`.
Node* Constrain(const Scope& scope, const Variable& variable, Node* update,
                SourceLocation location) {
  const Scope after = scope.WithControlDependencies({update});
  // TensorFlow takes a reference variable's snapshot here, which may be the
  // value from before the update.
  const Output value =
      variable.is_resource() ? variable.Read(after) : variable.ReadValue(after);
  return variable
      .Assign(after, variable.constraint()(after, value), {}, location)
      .op;
}

}  // namespace

Node* Optimizer::Minimize(const Scope& scope, Output loss,
                          const MinimizeOptions& options,
                          SourceLocation location) {
  Graph& graph = scope.graph();
  const std::vector<Node*> updates = NodesOf(GetCollection(graph, kUpdateOps));
  if (!options.run_update_ops) WarnOfUpdates(updates);
  const Scope s =
      options.run_update_ops ? scope.WithControlDependencies(updates) : scope;
  const std::vector<GradientAndVariable> gradients =
      ComputeGradients(s, loss,
                       {.variables = options.variables,
                        .gate = options.gate,
                        .aggregation = options.aggregation,
                        .colocate_with_ops = options.colocate_with_ops,
                        .grad_loss = options.grad_loss},
                       location);
  return ApplyGradients(
      s, gradients, {.global_step = options.global_step, .name = options.name},
      location);
}

std::vector<GradientAndVariable> Optimizer::ComputeGradients(
    const Scope& scope, Output loss, const ComputeGradientsOptions& options,
    SourceLocation location) {
  Graph& graph = scope.graph();
  if (!graph.status().ok()) return {};
  const auto fail = [&](const absl::Status& status) {
    if (graph.status().ok()) graph.AddError(status);
    return std::vector<GradientAndVariable>();
  };
  const std::vector<Variable> variables =
      options.variables.empty() ? TrainableVariables(graph) : options.variables;
  if (variables.empty()) {
    return fail(InvalidArgumentError("there are no variables to optimize"));
  }
  absl::Status checked = CheckFloating("loss", loss.name(), loss.dtype());
  if (!checked.ok()) return fail(checked);

  const absl::StatusOr<std::vector<Gradient>> computed =
      AddGradients(scope, {loss}, variables,
                   {.grad_ys = {options.grad_loss},
                    .colocate_with_ops = options.colocate_with_ops,
                    .gate = options.gate == Gate::kOp,
                    .aggregation = options.aggregation},
                   location);
  if (!computed.ok()) return fail(computed.status());

  std::vector<GradientAndVariable> pairs;
  std::vector<Output> dense;
  for (size_t i = 0; i < variables.size(); ++i) {
    const Gradient& gradient = (*computed)[i];
    if (gradient) {
      checked =
          CheckFloating("variable", variables[i].name(), variables[i].dtype());
      if (!checked.ok()) return fail(checked);
    }
    dense.push_back(gradient.slices() == nullptr ? gradient.output()
                                                 : Output());
    pairs.push_back({gradient, variables[i]});
  }
  if (options.gate == Gate::kGraph) {
    dense = Tuple(scope, dense, {}, "tuple", location);
    for (size_t i = 0; i < pairs.size(); ++i) {
      if (dense[i]) pairs[i].gradient = dense[i];
    }
  }
  return pairs;
}

Node* Optimizer::ApplyGradients(
    const Scope& scope, const std::vector<GradientAndVariable>& gradients,
    const ApplyGradientsOptions& options, SourceLocation location) {
  Graph& graph = scope.graph();
  if (!graph.status().ok()) return graph.error_node();
  std::vector<Variable> all;
  std::vector<Variable> updated;
  for (const auto& [gradient, variable] : gradients) {
    all.push_back(variable);
    if (gradient) updated.push_back(variable);
  }
  if (updated.empty()) {
    return graph.AddError(InvalidArgumentError(
        all.empty() ? "there are no gradients to apply"
                    : StrCat("no variable has a gradient: ", NamesOf(all))));
  }
  CreateSlots(scope, updated, location);

  const Scope s = scope.NameScope(options.name.empty() ? name_ : options.name);
  Prepare(s, location);
  std::vector<Node*> updates;
  for (const auto& [gradient, variable] : gradients) {
    if (!gradient) continue;
    const Scope update =
        s.NameScope(StrCat("update_", variable.name())).ColocateWith(variable);
    updates.push_back(Update(update, variable, gradient, location));
  }
  for (Node* node : Finish(s, updates, location)) updates.push_back(node);
  Node* train = AddTrainOp(s, updates, options.global_step, location);

  const std::vector<Node*> known = NodesOf(GetCollection(graph, kTrainOp));
  if (std::find(known.begin(), known.end(), train) == known.end()) {
    AddToCollection(graph, kTrainOp, train).IgnoreError();
  }
  return train;
}

Node* Optimizer::Update(const Scope& scope, const Variable& variable,
                        const Gradient& gradient, SourceLocation location) {
  if (gradient.slices() != nullptr) {
    return scope.graph().AddError(absl::UnimplementedError(StrCat(
        "the gradient of ", variable.name(), " is sparse (IndexedSlices); ",
        name_, " updates with dense gradients only")));
  }
  Node* update = Apply(scope, variable, gradient.output(), location);
  if (variable.constraint() == nullptr || update == scope.graph().error_node())
    return update;
  return Constrain(scope, variable, update, location);
}

Node* Optimizer::AddTrainOp(const Scope& scope,
                            const std::vector<Node*>& updates,
                            const Variable& global_step,
                            SourceLocation location) {
  if (!global_step) return Group(scope, updates, scope.path(), location);
  Node* updated = Group(scope, updates, "update", location);
  return global_step
      .AssignAdd(
          scope.WithControlDependencies({updated}).ColocateWith(global_step), 1,
          {.read_value = false, .name = scope.path()}, location)
      .op;
}

std::vector<Node*> Optimizer::Finish(const Scope&, const std::vector<Node*>&,
                                     SourceLocation) {
  return {};
}

void Optimizer::AddZerosSlot(const Scope& scope, const Variable& variable,
                             absl::string_view role, SourceLocation location) {
  const auto [slot, missing] =
      slots_.try_emplace({variable.info(), std::string(role)});
  if (!missing) return;
  const Scope inside =
      scope.DefaultVariableScope(StrCat(variable.name(), "/", name_))
          .ColocateWith(variable);
  slot->second = GetVariable(inside, "", variable.shape(),
                             {.dtype = variable.dtype(),
                              .initializer = ZerosInitializer(),
                              .regularizer = NoRegularizer(),
                              .trainable = false,
                              .partition = false,
                              .use_resource = variable.is_resource()},
                             location);
}

Variable Optimizer::FindSlot(const Variable& variable,
                             absl::string_view role) const {
  const auto found = slots_.find({variable.info(), std::string(role)});
  return found == slots_.end() ? Variable() : found->second;
}

Variable Optimizer::Slot(const Variable& variable,
                         absl::string_view role) const {
  const Variable slot = FindSlot(variable, role);
  TRELLIS_CHECK(static_cast<bool>(slot)) << variable.name() << ": " << role;
  return slot;
}

Output Optimizer::Parameter(const Scope& scope, const Input& value,
                            absl::string_view name, SourceLocation location) {
  return ToOutput(scope, value, name, kFloat32, location);
}

Input Optimizer::As(const Scope& scope, const Input& parameter, DType dtype,
                    SourceLocation location) {
  if (parameter.dtype() == dtype) return parameter;
  return ops::Cast(scope, parameter, dtype, {}, location);
}

}  // namespace trellis::nn
