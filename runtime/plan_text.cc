// PlanText: a plan for people, and for golden files.
#include "absl/strings/str_cat.h"
#include "trellis/runtime/plan.h"

namespace trellis {
namespace {

std::string BaseText(const Plan& plan, uint32_t b) {
  const PlanBase& base = plan.bases[b];
  switch (base.kind) {
    case PlanBase::Kind::kArena:
      return absl::StrCat("arena", base.index);
    case PlanBase::Kind::kConstant:
      return absl::StrCat("const", base.index);
    case PlanBase::Kind::kVariable:
      return absl::StrCat(
          "var(", plan.program->variables.variables[base.index].key, ")");
    case PlanBase::Kind::kFeed:
      return absl::StrCat("feed", base.index);
    case PlanBase::Kind::kFetch:
      return absl::StrCat("fetch", base.index);
    case PlanBase::Kind::kOwned:
      return absl::StrCat("owned", b);
  }
  return "";
}

std::string SlotText(const Plan& plan, const Slot& slot) {
  const std::string base = BaseText(plan, slot.base);
  if (plan.bases[slot.base].kind != PlanBase::Kind::kArena) return base;
  return absl::StrCat(base, "+", slot.offset);
}

int NumOperands(const Plan& plan, size_t step) {
  const Slot* end = step + 1 < plan.steps.size()
                        ? plan.steps[step + 1].operands.slots
                        : plan.slots.data() + plan.slots.size();
  return static_cast<int>(end - plan.steps[step].operands.slots);
}

}  // namespace

std::string PlanText(const Plan& plan) {
  std::string out;
  for (size_t s = 0; s < plan.steps.size(); ++s) {
    const Step& step = plan.steps[s];
    const Device& device = plan.program->devices->device(
        plan.program->placement.device[step.node->id()]);
    absl::string_view name = device.name();
    absl::StrAppend(&out, s, " ", step.kind, " ", step.node->op(), " ",
                    step.node->name(), " @",
                    name.substr(name.rfind("device:") + 7), " (");
    const int operands = NumOperands(plan, s);
    for (int i = 0; i < operands; ++i) {
      if (i == step.operands.num_inputs) {
        out += ") -> (";
      } else if (i > 0) {
        out += ", ";
      }
      out += SlotText(plan, step.operands.slots[i]);
    }
    if (operands == step.operands.num_inputs) out += ") -> (";
    out += ")\n";
  }
  for (size_t d = 0; d < plan.arena_bytes.size(); ++d) {
    if (plan.arena_bytes[d] == 0) continue;
    absl::StrAppend(&out, "arena", d, ": ", plan.arena_bytes[d], " bytes on ",
                    plan.program->devices->device(static_cast<int>(d)).name(),
                    "\n");
  }
  absl::StrAppend(&out, plan.steps.size(), " steps, ", plan.num_dynamic,
                  " dynamic, ", plan.constants.size(), " constants, ",
                  plan.variables.size(), " variables\n");
  return out;
}

}  // namespace trellis
