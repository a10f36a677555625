// Adds gradients to graphs that TensorFlow 1.15 wrote and holds the new nodes
// against those of TensorFlow: names, order, operations, inputs, groups,
// devices and constants (tf_semantics_goldens/gradients.json).
#include <zlib.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/gradients.h"
#include "trellis/graph/graph_def.h"
#include "trellis/ops/all.h"
#include "trellis/proto/graph.pb.h"
#include "trellis/tests/json.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/tests/test_data.h"

namespace trellis {
namespace {

using ::testing::ElementsAreArray;
using ::trellis::testing::IsOk;
using ::trellis::testing::Json;
using ::trellis::testing::TestDataPath;

// Of 377 cases with graphs. Raise it with the operations that have gradients.
constexpr int kLeastCompared = 198;

const OpRegistry& Ops() {
  static const OpRegistry* const registry = [] {
    auto* ops = new OpRegistry();
    RegisterAllOps(*ops);
    return ops;
  }();
  return *registry;
}

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

// The first `count` nodes of a packed GraphDef.
std::string ForwardPart(const Json& golden) {
  std::string bytes;
  EXPECT_TRUE(absl::Base64Unescape(golden["graph"].string(), &bytes));
  proto::GraphDef def;
  EXPECT_TRUE(def.ParseFromString(Inflate(bytes)));
  const int forward = static_cast<int>(golden["forward_nodes"].number());
  def.mutable_node()->DeleteSubrange(forward, def.node_size() - forward);
  return def.SerializeAsString();
}

// ---- nodes as lines of text

template <typename T>
void AppendNumbers(const Tensor& tensor, std::vector<std::string>* numbers) {
  for (T value : tensor.flat<T>()) {
    numbers->push_back(absl::StrCat(static_cast<double>(value)));
  }
}

// "float32[2]{1,2}"; no elements of types that no golden here holds.
std::string Text(const Tensor& tensor) {
  std::vector<std::string> numbers;
  switch (tensor.dtype()) {
    case kFloat32:
      AppendNumbers<float>(tensor, &numbers);
      break;
    case kFloat64:
      AppendNumbers<double>(tensor, &numbers);
      break;
    case kInt32:
      AppendNumbers<int32_t>(tensor, &numbers);
      break;
    case kInt64:
      AppendNumbers<int64_t>(tensor, &numbers);
      break;
    case kBool:
      AppendNumbers<bool>(tensor, &numbers);
      break;
    default:
      break;
  }
  return absl::StrCat(DTypeName(tensor.dtype()), tensor.shape().ToString(), "{",
                      absl::StrJoin(numbers, ","), "}");
}

std::string Text(const Json& array) {
  std::vector<std::string> dims, numbers;
  for (const Json& dim : array["shape"].array()) {
    dims.push_back(absl::StrCat(dim.number()));
  }
  const std::string& dtype = array["dtype"].string();
  for (const Json& value : array["data"].array()) {
    double number = value.boolean() ? 1 : value.number();
    if (dtype == "float32") number = static_cast<float>(number);
    numbers.push_back(value.is_string() ? value.string()
                                        : absl::StrCat(number));
  }
  return absl::StrCat(dtype, "[", absl::StrJoin(dims, ","), "]{",
                      absl::StrJoin(numbers, ","), "}");
}

std::string Line(absl::string_view name, absl::string_view op,
                 const std::vector<std::string>& inputs,
                 const std::vector<std::string>& groups,
                 absl::string_view device, absl::string_view value) {
  return absl::StrCat(name, " = ", op, "(", absl::StrJoin(inputs, ", "), ") ",
                      absl::StrJoin(groups, " "), " ", device, " ", value);
}

std::string Line(const Node& node) {
  std::vector<std::string> inputs, controls, groups;
  for (Output input : node.inputs()) {
    inputs.push_back(input.index == 0 ? input.node->name() : input.name());
  }
  for (Node* control : node.control_inputs()) {
    controls.push_back(absl::StrCat("^", control->name()));
  }
  std::sort(controls.begin(), controls.end());
  inputs.insert(inputs.end(), controls.begin(), controls.end());
  if (const AttrValue* attr = node.FindAttr("_class")) groups = attr->list()->s;
  std::string value;
  if (node.op() == "Const") {
    const Tensor& tensor = *node.FindAttr("value")->tensor();
    if (tensor.num_elements() <= 16) value = Text(tensor);
  }
  return Line(node.name(), node.op(), inputs, groups, node.device(), value);
}

std::string Line(const Json& node) {
  std::vector<std::string> inputs, groups;
  for (const Json& input : node[2].array()) inputs.push_back(input.string());
  for (const Json& group : node[3]["class"].array()) {
    groups.push_back(group.string());
  }
  const Json& value = node[3]["value"];
  return Line(node[0].string(), node[1].string(), inputs, groups,
              node[3]["device"].string(), value.is_null() ? "" : Text(value));
}

// ---- cases

// Operations and gradients of the case that the registry does not know.
std::set<std::string> MissingOps(const Json& golden, const Graph& graph) {
  std::set<std::string> missing;
  for (Node* node : graph.nodes()) {
    if (node->schema() == nullptr) missing.insert(node->op());
    // A gradient function of the program that wrote the graph (R6.22).
    const AttrValue* own = node->FindAttr("_gradient_op_type");
    if (own != nullptr && Ops().Find(*own->s()) == nullptr) {
      missing.insert(*own->s());
    }
  }
  for (const Json& node : golden["grad_nodes"].array()) {
    if (Ops().Find(node[1].string()) == nullptr) {
      missing.insert(node[1].string());
    }
  }
  return missing;
}

Output Find(const Graph& graph, const Json& name) {
  const absl::StatusOr<Output> output = graph.FindOutput(name.string());
  EXPECT_THAT(output, IsOk());
  return output.value_or(Output());
}

std::vector<Output> FindAll(const Graph& graph, const Json& names) {
  std::vector<Output> outputs;
  for (const Json& name : names.array()) outputs.push_back(Find(graph, name));
  return outputs;
}

GivenGradient Given(const Graph& graph, const Json& grad_y) {
  if (grad_y.is_null()) return {};
  if (grad_y.is_string()) return Find(graph, grad_y);
  if (grad_y.is_object()) {
    return IndexedSlices{.values = Find(graph, grad_y["values"]),
                         .indices = Find(graph, grad_y["indices"]),
                         .dense_shape = Find(graph, grad_y["dense_shape"])};
  }
  std::vector<double> literal;
  for (const Json& number : grad_y.array()) literal.push_back(number.number());
  return Input(literal);
}

GradientOptions Options(const Graph& graph, const Json& golden) {
  const Json& given = golden["options"];
  GradientOptions options;
  for (const Json& grad_y : golden["grad_ys"].array()) {
    options.grad_ys.push_back(Given(graph, grad_y));
  }
  options.stop_gradients = FindAll(graph, golden["stop_gradients"]);
  options.gate = given["gate_gradients"].boolean();
  options.colocate_with_ops = given["colocate_gradients_with_ops"].boolean();
  options.aggregation =
      static_cast<Aggregation>(given["aggregation_method"].number());
  if (given["unconnected_gradients"].string() == "zero") {
    options.unconnected = Unconnected::kZero;
  }
  if (given["name"].is_string()) options.name = given["name"].string();
  return options;
}

// As the golden writes a gradient: "x:0", "values indices shape", "" for none.
std::string Text(const Gradient& gradient) {
  if (!gradient) return "";
  const IndexedSlices* slices = gradient.slices();
  if (slices == nullptr) return gradient.output().name();
  return absl::StrCat(slices->values.name(), " ", slices->indices.name(), " ",
                      slices->dense_shape.name());
}

std::string GradientText(const Json& gradient) {
  if (!gradient.is_object()) return gradient.string();
  return absl::StrCat(gradient["values"].string(), " ",
                      gradient["indices"].string(), " ",
                      gradient["dense_shape"].string());
}

void Compare(const Json& golden, Graph& graph) {
  // Importing does not mark the scope of gradients that are there already.
  const bool second_order =
      absl::StartsWith(golden["ys"][0].string(), "gradients/");
  if (second_order) graph.UniqueName("gradients");
  const int before = graph.id_limit();
  Scope scope = graph.root();
  const Json& in_scope = golden["options"]["in_scope"];
  if (in_scope.is_string()) scope = scope.NameScope(in_scope.string());
  const absl::StatusOr<std::vector<Gradient>> gradients =
      AddGradients(scope, FindAll(graph, golden["ys"]),
                   FindAll(graph, golden["xs"]), Options(graph, golden));
  ASSERT_THAT(gradients, IsOk());

  std::vector<std::string> lines, expected;
  for (Node* node : graph.nodes()) {
    if (node->id() >= before) lines.push_back(Line(*node));
  }
  const Json::Array& nodes = golden["grad_nodes"].array();
  const size_t added =
      nodes.size() - static_cast<size_t>(golden["trailing_nodes"].number());
  for (size_t i = 0; i < added; ++i) expected.push_back(Line(nodes[i]));
  if (second_order) {
    // Nor does it remember which axes they computed (R6.41).
    const auto computes_axes = [](const std::string& line) {
      return absl::StrContains(line, "BroadcastGradientArgs");
    };
    std::erase_if(lines, computes_axes);
    std::erase_if(expected, computes_axes);
  }
  EXPECT_THAT(lines, ElementsAreArray(expected));

  std::vector<std::string> results, expected_results;
  for (const Gradient& g : *gradients) results.push_back(Text(g));
  for (const Json& g : golden["grads"].array()) {
    expected_results.push_back(GradientText(g));
  }
  EXPECT_THAT(results, ElementsAreArray(expected_results));
}

TEST(GradientsGoldenTest, NodesAreThoseOfTensorFlow) {
  const std::string path = TestDataPath("tf_semantics_goldens/gradients.json");
  if (path.empty()) GTEST_SKIP() << "TRELLIS_TEST_DATA is not set";
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)),
                         std::istreambuf_iterator<char>());
  const absl::StatusOr<Json> goldens = Json::Parse(text);
  ASSERT_THAT(goldens, IsOk());

  int compared = 0;
  for (const Json& golden : (*goldens)["cases"].array()) {
    if (golden["kind"].string() == "error") continue;
    SCOPED_TRACE(golden["name"].string());
    Graph graph(Ops(), {.tf115 = true});
    ASSERT_THAT(ImportGraphDef(ForwardPart(golden), graph), IsOk());
    const std::set<std::string> missing = MissingOps(golden, graph);
    if (!missing.empty()) {
      std::cout << "skipped: " << golden["name"].string() << ": no "
                << absl::StrJoin(missing, ", ") << "\n";
      continue;
    }
    Compare(golden, graph);
    ++compared;
  }
  std::cout << compared << " cases compared\n";
  EXPECT_GE(compared, kLeastCompared);
}

}  // namespace
}  // namespace trellis
