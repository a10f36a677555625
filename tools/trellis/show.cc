// trellis show: one node whole.
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/tools/trellis/commands.h"
#include "trellis/tools/trellis/json_writer.h"
#include "trellis/tools/trellis/open_model.h"
#include "trellis/tools/trellis/table.h"
#include "trellis/tools/trellis/tensor_text.h"

namespace trellis {
namespace {

void WriteTensor(Output tensor, JsonWriter& json) {
  json.BeginObject();
  json.Field("name", tensor.name());
  WriteTypeAndShape(tensor.dtype(), tensor.shape(), json);
  json.EndObject();
}

void WriteConsumers(const Node& node, JsonWriter& json) {
  json.BeginArray();
  for (const Node::Consumer& consumer : node.consumers()) {
    json.BeginObject();
    json.Field("node", consumer.node->name());
    if (consumer.input == Node::kControl) {
      json.Field("control", true);
    } else {
      json.Field("input", consumer.input);
      json.Field("output", consumer.output);
    }
    json.EndObject();
  }
  json.EndArray();
}

std::string Json(Node& node, int64_t limit) {
  JsonWriter json;
  json.BeginObject();
  json.Field("name", node.name());
  json.Field("op", node.op());
  json.Field("known", node.schema() != nullptr);
  json.Field("device", node.device());
  json.Key("inputs").BeginArray();
  for (const Output& input : node.inputs()) WriteTensor(input, json);
  json.EndArray();
  json.Key("control_inputs").BeginArray();
  for (const Node* control : node.control_inputs()) {
    json.String(control->name());
  }
  json.EndArray();
  json.Key("attrs").BeginObject();
  for (const auto& [name, value] : node.attrs()) {
    json.Field(name, value.ToString());
  }
  json.EndObject();
  json.Key("outputs").BeginArray();
  for (int i = 0; i < node.num_outputs(); ++i) {
    WriteTensor(node.output(i), json);
  }
  json.EndArray();
  json.Key("consumers");
  WriteConsumers(node, json);
  const AttrValue* value = node.FindAttr("value");
  if (value != nullptr && value->tensor() != nullptr) {
    json.Key("value");
    WriteElements(*value->tensor(), limit, json);
  }
  json.EndObject();
  return json.text() + "\n";
}

std::vector<std::string> TensorRow(absl::string_view title, Output tensor) {
  return {absl::StrCat("  ", title), tensor.name(),
          DTypeName(tensor.dtype()) + tensor.shape().ToString()};
}

std::string Text(Node& node, int64_t limit) {
  Table table;
  for (const Output& input : node.inputs()) {
    table.AddRow(TensorRow("input", input));
  }
  for (const Node* control : node.control_inputs()) {
    table.AddRow({"  control", "^" + control->name()});
  }
  for (int i = 0; i < node.num_outputs(); ++i) {
    table.AddRow(TensorRow("output", node.output(i)));
  }
  for (const Node::Consumer& consumer : node.consumers()) {
    table.AddRow({"  consumer", consumer.node->name(),
                  consumer.input == Node::kControl
                      ? "control"
                      : absl::StrCat("output ", consumer.output, " as input ",
                                     consumer.input)});
  }
  std::string text =
      absl::StrCat(node.name(), "\n  op ", node.op(),
                   node.schema() == nullptr ? " (unknown to this build)" : "",
                   node.device().empty() ? "" : "\n  device ", node.device(),
                   "\n", table.ToString());
  for (const auto& [name, value] : node.attrs()) {
    absl::StrAppend(&text, "  attr ", name, " = ", value.ToString(), "\n");
  }
  const AttrValue* value = node.FindAttr("value");
  if (value != nullptr && value->tensor() != nullptr) {
    absl::StrAppend(&text, "  value ", ElementsText(*value->tensor(), limit),
                    "\n");
  }
  return text;
}

absl::StatusOr<Answer> RunShow(const Flags& flags, std::ostream& out) {
  TRELLIS_ASSIGN_OR_RETURN(const int64_t limit, flags.IntOr("limit", 32, 0));
  TRELLIS_ASSIGN_OR_RETURN(const Model model, OpenModel(flags));
  TRELLIS_ASSIGN_OR_RETURN(
      Node* const node, FindNodeOrSuggest(*model.meta.graph, flags.args()[1]));
  out << (WantsJson(flags) ? Json(*node, limit) : Text(*node, limit));
  return Answer::kYes;
}

}  // namespace

Command ShowCommand() {
  return {.name = "show",
          .arguments = "FILE NODE",
          .summary = "one node: inputs, outputs, attributes, consumers",
          .details = "",
          .flags = {TagFlag(),
                    {"limit", "N", "elements of a constant; 32 if not given"}},
          .min_arguments = 2,
          .max_arguments = 2,
          .run = RunShow};
}

}  // namespace trellis
