// Which nodes of a Program a plan must run, until when each value is needed,
// and when variables are written: all in positions of the total order.
#ifndef TRELLIS_RUNTIME_PLAN_USES_H_
#define TRELLIS_RUNTIME_PLAN_USES_H_

#include <climits>
#include <vector>

#include "trellis/graph/graph.h"
#include "trellis/runtime/plan.h"
#include "trellis/runtime/plan_facts.h"
#include "trellis/runtime/program.h"

namespace trellis {

class PlanUses {
 public:
  // What a fetch keeps is needed for good.
  static constexpr int kForever = INT_MAX;

  PlanUses(const Program& program, const PlanFacts& facts);

  // Does anything need the node, beyond what is known without running it?
  bool live(const Node& node) const { return live_[node.id()]; }
  int position(const Node& node) const { return position_[node.id()]; }
  // The last position at which the value is looked at, through views, too.
  int last_use(Output o) const { return last_use_[o.node->id()][o.index]; }

  // Is the output nothing but its input under another shape, so that no step is
  // needed if the input stays as it is?
  bool IsView(const Node& node) const;
  // Does a live node write the variable after `from`, up to and with `until`?
  bool IsWritten(int variable, int from, int until) const;
  // What live nodes do to variables, by index of the program's table.
  const std::vector<PlanVariable>& variables() const { return variables_; }

 private:
  void FindUses();
  void FindVariableAccess();

  const Program& program_;
  const PlanFacts& facts_;
  std::vector<int> position_;               // by node id
  std::vector<bool> live_;                  // by node id
  std::vector<std::vector<int>> last_use_;  // by node id, output
  std::vector<std::vector<int>> writes_;    // positions, by variable
  std::vector<PlanVariable> variables_;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_PLAN_USES_H_
