#include "trellis/runtime/plan_uses.h"

#include <algorithm>
#include <map>

#include "trellis/runtime/compile/internal_ops.h"

namespace trellis {

PlanUses::PlanUses(const Program& program, const PlanFacts& facts)
    : program_(program),
      facts_(facts),
      position_(program.graph->id_limit()),
      live_(program.graph->id_limit()),
      last_use_(program.graph->id_limit()),
      writes_(program.variables.variables.size()) {
  FindUses();
  FindVariableAccess();
}

bool PlanUses::IsView(const Node& node) const {
  if (!program_.options.plan || node.schema()->view_of < 0 ||
      node.op() == kCopyOp || node.schema()->variable ||
      facts_.IsConstant(node)) {
    return false;
  }
  const DType dtype = node.output_dtype(0);
  return dtype != kString && dtype != kResource &&
         facts_.shape({const_cast<Node*>(&node), 0}).fully_defined();
}

bool PlanUses::IsWritten(int variable, int from, int until) const {
  const std::vector<int>& writes = writes_[variable];
  return std::any_of(writes.begin(), writes.end(),
                     [&](int write) { return from < write && write <= until; });
}

void PlanUses::FindUses() {
  const std::vector<Node*>& order = program_.order;
  for (size_t p = 0; p < order.size(); ++p) {
    position_[order[p]->id()] = static_cast<int>(p);
  }
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    const Node& node = **it;
    std::vector<int>& last = last_use_[node.id()];
    last.assign(node.num_outputs(), position_[node.id()]);
    bool needed = node.schema()->stateful || node.schema()->random ||
                  node.num_outputs() == 0;
    for (const VariableUse& use : program_.variables.uses[node.id()]) {
      needed = needed || Writes(use.effect);
    }
    for (const Node::Consumer& use : node.consumers()) {
      const Node& consumer = *use.node;
      if (use.output == Node::kControl) {
        needed = true;
        continue;
      }
      if (!live_[consumer.id()] || facts_.IsConstant(consumer)) continue;
      needed = true;
      int until = position_[consumer.id()];
      if (consumer.op() == kFetchOp) {
        until = kForever;
      } else if (IsView(consumer)) {
        until = last_use_[consumer.id()][0];
      }
      last[use.output] = std::max(last[use.output], until);
    }
    live_[node.id()] = needed;
  }
}

void PlanUses::FindVariableAccess() {
  std::map<int, PlanVariable> access;
  for (const Node* node : program_.order) {
    if (!live_[node->id()]) continue;
    for (const VariableUse& use : program_.variables.uses[node->id()]) {
      PlanVariable& variable =
          access
              .try_emplace(use.variable, PlanVariable{.variable = use.variable})
              .first->second;
      const bool reads = Reads(use.effect) && use.input >= 0 &&
                         !node->schema()->allows_uninitialized_input;
      // What the plan itself has written by then is there.
      if (reads && !variable.exclusive) variable.needs_value = true;
      if (Writes(use.effect)) {
        variable.exclusive = true;
        writes_[use.variable].push_back(position_[node->id()]);
      }
    }
  }
  for (const auto& [index, variable] : access) variables_.push_back(variable);
}

}  // namespace trellis
