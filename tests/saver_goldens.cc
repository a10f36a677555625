#include "trellis/tests/saver_goldens.h"

#include <zlib.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"
#include "trellis/graph/collections.h"
#include "trellis/graph/graph_def.h"
#include "trellis/graph/variable_store.h"
#include "trellis/proto/graph.pb.h"
#include "trellis/tests/op_testing.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/tests/test_data.h"

namespace trellis::testing {
namespace {

std::string Inflate(absl::string_view packed) {
  std::string text(1 << 20, '\0');
  uLongf size = text.size();
  EXPECT_EQ(
      uncompress(reinterpret_cast<Bytef*>(text.data()), &size,
                 reinterpret_cast<const Bytef*>(packed.data()), packed.size()),
      Z_OK);
  text.resize(size);
  return text;
}

// The cases split one variable, "p" [5,2], in two along the first dimension.
void SetPartition(VariableInfo& info) {
  absl::string_view full = info.name;
  const bool first = absl::ConsumeSuffix(&full, "/part_0");
  if (!first && !absl::ConsumeSuffix(&full, "/part_1")) return;
  info.full_name = std::string(full);
  info.partition = {.full_shape = {5, 2}, .offset = {first ? 0 : 3, 0}};
}

void AdoptVariables(Graph& graph) {
  for (Node* node : graph.nodes()) {
    if (node->schema() == nullptr || !node->schema()->variable) continue;
    VariableInfo info = {.name = node->name(),
                         .dtype = node->attr<DType>("dtype"),
                         .shape = node->attr<Shape>("shape"),
                         .is_resource = node->op() == "VarHandleOp",
                         .handle = node->output()};
    const auto snapshot = graph.FindOutput(absl::StrCat(
        node->name(), info.is_resource ? "/Read/ReadVariableOp" : "/read"));
    ASSERT_THAT(snapshot, IsOk());
    info.snapshot = *snapshot;
    SetPartition(info);
    const bool local = node->name() == "local";
    const Variable variable = AdoptVariable(graph, std::move(info));
    ASSERT_THAT(
        AddToCollection(graph, local ? kLocalVariables : kGlobalVariables,
                        variable),
        IsOk());
  }
}

std::string Line(absl::string_view name, absl::string_view op,
                 std::vector<std::string> inputs, absl::string_view group,
                 absl::string_view device,
                 const std::vector<std::string>& value) {
  std::stable_sort(inputs.begin(), inputs.end(),
                   [](const std::string& a, const std::string& b) {
                     const bool control_a = a[0] == '^',
                                control_b = b[0] == '^';
                     if (control_a != control_b) return control_b;
                     return control_a && a < b;
                   });
  const std::string line =
      absl::StrCat(name, " = ", op, "(", absl::StrJoin(inputs, ", "), ") ",
                   group, " ", device, " {", absl::StrJoin(value, ","), "}");
  static const std::regex* const random = new std::regex("_temp_[0-9a-f]{32}");
  return std::regex_replace(line, *random, "_temp_HEX");
}

std::vector<std::string> Elements(const Tensor& tensor) {
  std::vector<std::string> elements;
  for (int64_t i = 0; i < tensor.num_elements(); ++i) {
    elements.push_back(tensor.dtype() == kString
                           ? tensor.flat<std::string>()[i]
                           : absl::StrCat(tensor.flat<int32_t>()[i]));
  }
  return elements;
}

}  // namespace

std::vector<Json> SaverGoldens(const std::string& kind) {
  const std::string path = TestDataPath("tf_semantics_goldens/saver.json");
  if (path.empty()) return {};
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto json = Json::Parse(text);
  EXPECT_THAT(json, IsOk()) << path;
  std::vector<Json> cases;
  for (const Json& c : (*json)["cases"].array()) {
    if (c["kind"].string() == kind) cases.push_back(c);
  }
  return cases;
}

std::unique_ptr<Graph> GraphBeforeSaver(const Json& golden) {
  std::string bytes;
  EXPECT_TRUE(absl::Base64Unescape(golden["graph"].string(), &bytes));
  proto::GraphDef def;
  EXPECT_TRUE(def.ParseFromString(Inflate(bytes)));
  const int forward = static_cast<int>(golden["forward_nodes"].number());
  def.mutable_node()->DeleteSubrange(forward, def.node_size() - forward);
  auto graph = std::make_unique<Graph>(AllOps(), GraphOptions{.tf115 = true});
  const auto imported = ImportGraphDef(def.SerializeAsString(), *graph);
  EXPECT_THAT(imported, IsOk());
  if (!imported.ok()) return nullptr;
  AdoptVariables(*graph);
  // The first Saver opened its scope, which importing its nodes does not.
  if (golden["name"].string() == "second saver") graph->UniqueName("save");
  return graph;
}

std::vector<VariableToSave> VariablesToSave(const Json& golden, Graph& graph) {
  std::vector<VariableToSave> variables;
  for (const Variable& v : GlobalVariables(graph)) {
    if (golden["name"].string() == "list" && v.name() != "b") continue;
    std::string key;
    if (golden["name"].string() == "map")
      key = v.name() == "a" ? "x/key" : "b2";
    variables.push_back({v, key});
  }
  return variables;
}

std::string SaverNodeLine(const Json& node) {
  std::vector<std::string> inputs, value;
  for (const Json& input : node[2].array()) inputs.push_back(input.string());
  for (const Json& element : node[3]["value"]["data"].array()) {
    value.push_back(element.is_string() ? element.string()
                                        : absl::StrCat(element.number()));
  }
  return Line(node[0].string(), node[1].string(), inputs,
              node[3]["class"][0].string(), node[3]["device"].string(), value);
}

std::string SaverNodeLine(const Node& node) {
  std::vector<std::string> inputs, value;
  for (Output input : node.inputs()) {
    inputs.push_back(input.index == 0 ? input.node->name() : input.name());
  }
  for (Node* control : node.control_inputs()) {
    inputs.push_back(absl::StrCat("^", control->name()));
  }
  std::string group;
  if (const AttrValue* attr = node.FindAttr("_class")) {
    group = absl::StrJoin(attr->list()->s, " ");
  }
  if (node.op() == "Const") value = Elements(node.attr<Tensor>("value"));
  return Line(node.name(), node.op(), inputs, group, node.device(), value);
}

}  // namespace trellis::testing
