#include "trellis/runtime/run_state.h"

namespace trellis {

RunState::RunState(const Plan& plan, absl::Span<VariableState* const> variables)
    : plan_(plan),
      data_(plan.bases.size()),
      variables_(plan.bases.size()),
      owned_(plan.bases.size()),
      points_(plan.num_points),
      caches_(plan.num_dynamic) {
  for (size_t b = 0; b < plan.bases.size(); ++b) {
    const PlanBase& base = plan.bases[b];
    if (base.kind == PlanBase::Kind::kConstant) {
      data_[b] = static_cast<char*>(plan.constants[base.index].data());
    } else if (base.kind == PlanBase::Kind::kVariable) {
      variables_[b] = variables[base.index];
    }
  }
  for (int device : plan.stream_devices) {
    streams_.push_back(plan.program->devices->device(device).NewStream());
  }
}

}  // namespace trellis
