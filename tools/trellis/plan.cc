// trellis plan: what a graph is compiled to.
#include "trellis/runtime/plan.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "trellis/base/status_macros.h"
#include "trellis/tools/trellis/commands.h"
#include "trellis/tools/trellis/compiled_model.h"
#include "trellis/tools/trellis/json_writer.h"
#include "trellis/tools/trellis/table.h"

namespace trellis {
namespace {

const std::string& DeviceOf(const Program& program, const Node& node) {
  return program.devices->device(program.placement.device[node.id()]).name();
}

// ---- --stage=program

std::string ProgramJson(const Program& program) {
  JsonWriter json;
  json.BeginObject();
  json.Field("stage", "program");
  json.Key("nodes").BeginArray();
  for (const Node* node : program.order) {
    json.BeginObject();
    json.Field("name", node->name());
    json.Field("op", node->op());
    json.Field("device", DeviceOf(program, *node));
    json.Key("inputs").BeginArray();
    for (const Output& input : node->inputs()) json.String(input.name());
    json.EndArray();
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return json.text() + "\n";
}

std::string ProgramText(const Program& program) {
  Table table;
  for (const Node* node : program.order) {
    std::vector<std::string> inputs;
    for (const Output& input : node->inputs()) inputs.push_back(input.name());
    table.AddRow({node->op(), node->name(),
                  absl::StrCat("(", absl::StrJoin(inputs, ", "), ")")});
  }
  return absl::StrCat(table.ToString(), program.order.size(), " nodes\n");
}

// ---- --stage=plan

std::string PlanJson(const Program& program, const Plan& plan) {
  JsonWriter json;
  json.BeginObject();
  json.Field("stage", "plan");
  json.Key("steps").BeginArray();
  for (const Step& step : plan.steps) {
    json.BeginObject();
    json.Field("kind", step.kind);
    json.Field("op", step.node->op());
    json.Field("node", step.node->name());
    json.Field("device", DeviceOf(program, *step.node));
    json.EndObject();
  }
  json.EndArray();
  json.Field("dynamic_steps", plan.num_dynamic);
  json.Key("arena_bytes").BeginObject();
  for (size_t d = 0; d < plan.arena_bytes.size(); ++d) {
    json.Field(program.devices->device(static_cast<int>(d)).name(),
               plan.arena_bytes[d]);
  }
  json.EndObject();
  json.Field("constants", plan.constants.size());
  json.Key("variables").BeginArray();
  for (const PlanVariable& variable : plan.variables) {
    json.BeginObject();
    json.Field("name", program.variables.variables[variable.variable].key);
    json.Field("written", variable.exclusive);
    json.EndObject();
  }
  json.EndArray();
  json.Field("text", PlanText(plan));
  json.EndObject();
  return json.text() + "\n";
}

absl::StatusOr<Answer> RunPlan(const Flags& flags, std::ostream& out) {
  const std::string stage = flags.Has("stage") ? flags.Get("stage") : "plan";
  if (stage != "plan" && stage != "program") {
    return absl::InvalidArgumentError(
        absl::StrCat("--stage is \"", stage, "\", must be program or plan"));
  }
  TRELLIS_ASSIGN_OR_RETURN(const CompiledModel model, CompileModel(flags));
  const Program& program = *model.program;
  if (stage == "program") {
    out << (WantsJson(flags) ? ProgramJson(program) : ProgramText(program));
    return Answer::kYes;
  }
  TRELLIS_ASSIGN_OR_RETURN(const std::unique_ptr<Plan> plan,
                           MakePlan(program, model.feed_shapes));
  out << (WantsJson(flags) ? PlanJson(program, *plan) : PlanText(*plan));
  return Answer::kYes;
}

}  // namespace

Command PlanCommand() {
  Command command = {
      .name = "plan",
      .arguments = "FILE",
      .summary = "what a graph is compiled to: program, steps, memory",
      .details =
          "The program is the graph that is left after pruning, folding and\n"
          "merging, in the order of its steps. The plan is the program for\n"
          "shapes: give --batch or --shape, or steps are dynamic.\n",
      .flags = {{"stage", "program|plan", "what to print; plan if not given"}},
      .run = RunPlan};
  for (FlagSpec& flag : CompiledModelFlags()) {
    command.flags.push_back(std::move(flag));
  }
  return command;
}

}  // namespace trellis
