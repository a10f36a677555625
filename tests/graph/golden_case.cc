#include "trellis/tests/graph/golden_case.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "trellis/graph/op_builder.h"
#include "trellis/tests/op_testing.h"
#include "trellis/tests/test_data.h"

namespace trellis::testing {
namespace {

using absl::StrCat;
using absl::StrJoin;

// All cases; null if the file cannot be read.
const Json& AllCases() {
  static const Json* const cases = [] {
    std::ifstream file(TestDataPath("tf_semantics_goldens/scopes.json"));
    const std::string text(std::istreambuf_iterator<char>(file), {});
    auto parsed = Json::Parse(text);
    return new Json(parsed.ok() ? *std::move(parsed) : Json());
  }();
  return *cases;
}

const Json* FindCase(absl::string_view id, absl::string_view flavour) {
  for (const Json& golden : AllCases().array()) {
    if (golden["id"].string() == id && golden["flavour"].string() == flavour) {
      return &golden;
    }
  }
  return nullptr;
}

std::vector<std::string> Texts(const Json& list) {
  std::vector<std::string> texts;
  for (const Json& text : list.array()) texts.push_back(text.string());
  return texts;
}

std::string Line(absl::string_view name, absl::string_view op,
                 const std::vector<std::string>& inputs,
                 absl::string_view device,
                 const std::vector<std::string>& groups) {
  return StrCat(name, " = ", op, "(", StrJoin(inputs, ", "), ")",
                device.empty() ? "" : StrCat(" on ", device),
                groups.empty() ? "" : StrCat(" with ", StrJoin(groups, ", ")));
}

std::string Describe(const Node& node) {
  std::vector<std::string> inputs;
  for (const Output& input : node.inputs()) {
    inputs.push_back(input.index == 0 ? input.node->name() : input.name());
  }
  for (Node* control : node.control_inputs()) {
    inputs.push_back(StrCat("^", control->name()));
  }
  const AttrValue* groups = node.FindAttr("_class");
  return Line(
      node.name(), node.op(), inputs, node.device(),
      groups == nullptr ? std::vector<std::string>() : groups->list()->s);
}

std::string Describe(const Json& node) {
  // Attributes are recorded as text.
  const auto groups = Json::Parse(node["attrs"]["_class"].string());
  return Line(node["name"].string(), node["op"].string(), Texts(node["inputs"]),
              node["device"].string(),
              groups.ok() ? Texts(*groups) : std::vector<std::string>());
}

}  // namespace

GoldenCase::GoldenCase(const Json& golden, bool resource)
    : golden_(golden),
      resource_(resource),
      graph_(AllOps(), {.tf115 = !resource}) {}

Output GoldenCase::Const(const Scope& scope, absl::string_view name,
                         const Input& value) {
  return ToOutput(scope, value, name);
}

Output GoldenCase::Placeholder(const Scope& scope, DType dtype,
                               const Shape& shape, absl::string_view name) {
  return Emit(scope, "Placeholder", {},
              {{"dtype", AttrValue(dtype)}, {"shape", AttrValue(shape)}}, name);
}

void GoldenCase::Is(const std::string& label, const std::string& value) {
  EXPECT_EQ(golden_["values"][label].string(), value) << label;
}
void GoldenCase::Is(const std::string& label, Output value) {
  Is(label, value.name());
}
void GoldenCase::Is(const std::string& label, const Variable& value) {
  Is(label, StrCat("var ", value.name(), ":0"));
}
void GoldenCase::Is(const std::string& label, Node* value) {
  Is(label, StrCat("op ", value->name()));
}
void GoldenCase::Is(const std::string& label,
                    const std::vector<Output>& values) {
  const Json& golden = golden_["values"][label];
  ASSERT_EQ(golden.array().size(), values.size()) << label;
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(golden[i].string(), values[i] ? values[i].name() : "") << label;
  }
}
void GoldenCase::Is(const std::string& label,
                    const std::vector<int64_t>& values) {
  const Json& all = golden_["values"][label];
  const Json& golden = all[0].array().empty() ? all : all[0];
  ASSERT_GE(golden.array().size(), values.size()) << label;
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(golden[i].number(), values[i]) << label;
  }
}
void GoldenCase::Is(const std::string& label, const Scope& scope) {
  const Json& golden = golden_["values"][label];
  const VariableScopeState& opened = scope.variable_scope();
  EXPECT_EQ(golden["scope"].string(), opened.name) << label;
  EXPECT_EQ(golden["original_name_scope"].string(), opened.original_name_scope)
      << label;
  EXPECT_EQ(golden["reuse"].string() == "True",
            opened.options.reuse == Reuse::kTrue)
      << label;
}

void GoldenCase::CheckNodes() const {
  EXPECT_TRUE(graph_.status().ok()) << graph_.status();
  std::vector<std::string> expected, made;
  for (const Json& node : golden_["nodes"].array()) {
    expected.push_back(Describe(node));
  }
  for (Node* node : graph_.nodes()) made.push_back(Describe(*node));
  for (size_t i = 0; i < std::max(expected.size(), made.size()); ++i) {
    // The first difference tells; what follows is its consequence.
    ASSERT_EQ(i < made.size() ? made[i] : "(no more nodes)",
              i < expected.size() ? expected[i] : "(no more nodes)")
        << "node " << i << " of\n  " << StrJoin(made, "\n  ");
  }
}

std::vector<GoldenParam> AllFlavours(
    const std::vector<GoldenProgram>& programs) {
  std::vector<GoldenParam> params;
  for (const GoldenProgram& program : programs) {
    switch (program.flavours) {
      case Flavours::kAny:
        params.push_back({program, "any"});
        break;
      case Flavours::kBoth:
        params.push_back({program, "resource"});
        [[fallthrough]];
      case Flavours::kRef:
        params.push_back({program, "ref"});
        break;
    }
  }
  return params;
}

std::ostream& operator<<(std::ostream& out, const GoldenParam& param) {
  return out << param.program.id << " " << param.flavour;
}

std::string GoldenName(const ::testing::TestParamInfo<GoldenParam>& info) {
  std::string name = StrCat(info.param.program.id, "_", info.param.flavour);
  for (char& c : name) {
    if (c == '.' || c == '-') c = '_';
  }
  return name;
}

void RunGolden(const GoldenParam& param) {
  if (TestDataPath("").empty()) {
    GTEST_SKIP() << "TRELLIS_TEST_DATA is not set";
  }
  const Json* golden = FindCase(param.program.id, param.flavour);
  ASSERT_NE(golden, nullptr) << "no golden " << param.program.id;
  GoldenCase run(*golden, absl::string_view(param.flavour) == "resource");
  param.program.run(run);
  run.CheckNodes();
}

}  // namespace trellis::testing
