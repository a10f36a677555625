// trellis place: on which devices a graph's nodes are, and why.
#include <utility>

#include "trellis/base/status_macros.h"
#include "trellis/tools/trellis/commands.h"
#include "trellis/tools/trellis/compiled_model.h"
#include "trellis/tools/trellis/json_writer.h"
#include "trellis/tools/trellis/table.h"

namespace trellis {
namespace {

struct PlacedNode {
  const Node* node;
  std::string given, why;
};

std::vector<PlacedNode> PlacedNodes(const Program& program) {
  std::vector<PlacedNode> placed;
  for (const Node* node : program.order) {
    const int device = program.placement.device[node->id()];
    placed.push_back({node, program.devices->device(device).name(),
                      program.placement.why[node->id()]});
  }
  return placed;
}

absl::StatusOr<Answer> RunPlace(const Flags& flags, std::ostream& out) {
  TRELLIS_ASSIGN_OR_RETURN(const CompiledModel model, CompileModel(flags));
  const std::vector<PlacedNode> placed = PlacedNodes(*model.program);
  if (WantsJson(flags)) {
    JsonWriter json;
    json.BeginObject();
    json.Key("nodes").BeginArray();
    for (const PlacedNode& p : placed) {
      json.BeginObject();
      json.Field("name", p.node->name());
      json.Field("op", p.node->op());
      json.Field("asked", p.node->device());
      json.Field("given", p.given);
      json.Field("why", p.why);
      json.EndObject();
    }
    json.EndArray();
    json.EndObject();
    out << json.text() << "\n";
    return Answer::kYes;
  }
  Table table;
  table.AddRow({"node", "op", "asked", "given", "why"});
  for (const PlacedNode& p : placed) {
    table.AddRow({p.node->name(), p.node->op(),
                  p.node->device().empty() ? "-" : p.node->device(), p.given,
                  p.why});
  }
  out << table.ToString();
  return Answer::kYes;
}

}  // namespace

Command PlaceCommand() {
  return {.name = "place",
          .arguments = "FILE",
          .summary = "per node the device asked for, the one given, and why",
          .details =
              "For the nodes that the fetches and targets need, as "
              "`plan` takes them.\n",
          .flags = CompiledModelFlags(),
          .run = RunPlace};
}

}  // namespace trellis
