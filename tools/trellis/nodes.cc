// trellis nodes: the nodes that a query finds.
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/device_name.h"
#include "trellis/tools/trellis/commands.h"
#include "trellis/tools/trellis/json_writer.h"
#include "trellis/tools/trellis/name_filter.h"
#include "trellis/tools/trellis/open_model.h"
#include "trellis/tools/trellis/table.h"
#include "trellis/tools/trellis/tensor_text.h"

namespace trellis {
namespace {

// What a node must be. Values of one flag are alternatives, except --attr.
struct Query {
  struct Attr {
    std::string name;
    std::optional<std::string> value;  // as AttrValue::ToString has it
  };

  std::vector<std::string> names, ops;
  std::vector<DType> dtypes;
  std::vector<Shape> shapes;
  std::vector<Attr> attrs;
  std::vector<DeviceName> devices;
};

absl::StatusOr<Query> ParseQuery(const Flags& flags) {
  Query query = {.names = flags.All("name"), .ops = flags.All("op")};
  for (const std::string& text : flags.All("dtype")) {
    const std::optional<DType> dtype = ParseDType(text);
    if (!dtype.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--dtype is \"", text, "\", which is no dtype"));
    }
    query.dtypes.push_back(*dtype);
  }
  for (const std::string& text : flags.All("shape")) {
    TRELLIS_ASSIGN_OR_RETURN(query.shapes.emplace_back(), Shape::Parse(text));
  }
  for (const std::string& text : flags.All("attr")) {
    const size_t equals = text.find('=');
    Query::Attr attr = {.name = text.substr(0, equals)};
    if (equals != text.npos) attr.value = text.substr(equals + 1);
    query.attrs.push_back(std::move(attr));
  }
  for (const std::string& text : flags.All("device")) {
    TRELLIS_ASSIGN_OR_RETURN(query.devices.emplace_back(),
                             DeviceName::Parse(text));
  }
  return query;
}

template <typename T, typename Accept>
bool AnyOf(const std::vector<T>& wanted, const Accept& accept) {
  if (wanted.empty()) return true;
  for (const T& one : wanted) {
    if (accept(one)) return true;
  }
  return false;
}

template <typename Accept>
bool AnyOutput(const Node& node, const Accept& accept) {
  for (int i = 0; i < node.num_outputs(); ++i) {
    if (accept(i)) return true;
  }
  return false;
}

bool HasAttr(const Node& node, const Query::Attr& wanted) {
  const AttrValue* value = node.FindAttr(wanted.name);
  return value != nullptr &&
         (!wanted.value.has_value() || value->ToString() == *wanted.value);
}

// Every field of `wanted` is asked for by the node.
bool AsksFor(const Node& node, DeviceName wanted) {
  const auto asked = DeviceName::Parse(node.device());
  if (!asked.ok()) return false;
  wanted.FillFrom(*asked);
  return wanted == *asked;
}

bool Matches(const Query& query, const Node& node) {
  for (const Query::Attr& attr : query.attrs) {
    if (!HasAttr(node, attr)) return false;
  }
  return AnyOf(query.names,
               [&](const std::string& pattern) {
                 return MatchesPattern(pattern, node.name());
               }) &&
         AnyOf(query.ops,
               [&](const std::string& op) { return node.op() == op; }) &&
         AnyOf(query.dtypes,
               [&](DType dtype) {
                 return AnyOutput(node, [&](int i) {
                   return BaseType(node.output_dtype(i)) == BaseType(dtype);
                 });
               }) &&
         AnyOf(query.shapes,
               [&](const Shape& shape) {
                 return AnyOutput(node, [&](int i) {
                   return node.output_shape(i) == shape;
                 });
               }) &&
         AnyOf(query.devices,
               [&](const DeviceName& device) { return AsksFor(node, device); });
}

void WriteNode(const Node& node, JsonWriter& json) {
  json.BeginObject();
  json.Field("name", node.name());
  json.Field("op", node.op());
  json.Field("device", node.device());
  json.Key("outputs").BeginArray();
  for (int i = 0; i < node.num_outputs(); ++i) {
    json.BeginObject();
    WriteTypeAndShape(node.output_dtype(i), node.output_shape(i), json);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
}

std::string OutputsText(const Node& node) {
  std::vector<std::string> outputs;
  for (int i = 0; i < node.num_outputs(); ++i) {
    outputs.push_back(DTypeName(node.output_dtype(i)) +
                      node.output_shape(i).ToString());
  }
  return absl::StrJoin(outputs, ", ");
}

absl::StatusOr<Answer> RunNodes(const Flags& flags, std::ostream& out) {
  TRELLIS_ASSIGN_OR_RETURN(const Query query, ParseQuery(flags));
  TRELLIS_ASSIGN_OR_RETURN(const Model model, OpenModel(flags));
  std::vector<const Node*> found;
  for (const Node* node : model.meta.graph->nodes()) {
    if (Matches(query, *node)) found.push_back(node);
  }
  if (WantsJson(flags)) {
    JsonWriter json;
    json.BeginObject();
    json.Key("nodes").BeginArray();
    for (const Node* node : found) WriteNode(*node, json);
    json.EndArray();
    json.EndObject();
    out << json.text() << "\n";
  } else {
    Table table;
    for (const Node* node : found) {
      table.AddRow(
          {node->name(), node->op(), OutputsText(*node), node->device()});
    }
    out << table.ToString();
  }
  return found.empty() ? Answer::kNo : Answer::kYes;
}

}  // namespace

Command NodesCommand() {
  return {
      .name = "nodes",
      .arguments = "FILE",
      .summary = "the nodes that a query finds; all without one",
      .details =
          "A node must fit every flag that is given; of a flag that is\n"
          "repeated it must fit one value (of --attr: all). Exit status 1\n"
          "if no node fits.\n",
      .flags = {TagFlag(),
                {"name", "PATTERN",
                 "part of the name, or a pattern with * and ?"},
                {"op", "OP", "the operation"},
                {"dtype", "DTYPE", "dtype of one of its outputs"},
                {"shape", "SHAPE", "shape of one of its outputs, \"[?,10]\""},
                {"attr", "NAME[=VALUE]",
                 "has this attribute, with this value as `show` prints it"},
                {"device", "DEVICE", "the device that it asks for"}},
      .run = RunNodes};
}

}  // namespace trellis
