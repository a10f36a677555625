#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/op_schema.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/tools/gen_ops/op_docs.h"
#include "trellis/tools/gen_ops/op_signature.h"
#include "trellis/tools/gen_ops/op_wrappers.h"
#include "trellis/tools/gen_ops/text.h"

namespace trellis {
namespace {

using ::testing::HasSubstr;
using ::trellis::testing::IsOk;
using ::trellis::testing::IsOkAndHolds;
using ::trellis::testing::StatusIs;

absl::Status NoShape(ShapeContext&) { return absl::OkStatus(); }

// One op with every kind of parameter.
OpSchema Everything() {
  return {
      .name = "Everything",
      .doc = "Does it all.",
      .inputs = {{"a", "T"}, {"class", "T", "N"}, {"size", "int32"}},
      .outputs = {{"y", "T"}, {"parts", "T", "N"}, {"z", "DstT"}},
      .attrs = {TypeAttr("T", kFloatTypes),
                NumberAttr("N"),
                TypeAttr("DstT"),
                {.name = "strides", .kind = "list(int)", .minimum = 4},
                FloatAttr("alpha", 0.2f),
                BoolAttr("use_locking", true),
                StringAttr("mode", "a\"b"),
                {.name = "dilations",
                 .kind = "list(int)",
                 .default_value = std::vector<int64_t>{1, 2}},
                {.name = "shape", .kind = "shape", .default_value = Shape()},
                TypeAttr("out_type", kIndexTypes, kInt32)},
      .shape = NoShape,
      .not_differentiable = "it is a test",
  };
}

OpSchema WithOutputs(std::string name, std::vector<ArgSchema> outputs,
                     std::vector<AttrSchema> attrs = {}) {
  return {.name = std::move(name),
          .doc = "Made up.",
          .outputs = std::move(outputs),
          .attrs = std::move(attrs),
          .shape = NoShape,
          .not_differentiable = "it is a test"};
}

TEST(GenOpsTest, HeaderDeclaresOptionsOutputsAndFunction) {
  OpRegistry registry;
  registry.Add(Everything());
  EXPECT_THAT(WrapperHeader(registry, {.family = "test"}),
              IsOkAndHolds(std::string(
                  R"(// Written by tools/gen_ops from ops/test.cc; do not edit.
#ifndef TRELLIS_OPS_TEST_OPS_H_
#define TRELLIS_OPS_TEST_OPS_H_

#include <source_location>
#include <string>
#include <vector>

#include "trellis/graph/graph.h"
#include "trellis/graph/input.h"
#include "trellis/graph/scope.h"

namespace trellis::ops {

struct EverythingOptions {
  float alpha = 0.2f;
  bool use_locking = true;
  std::string mode = "a\"b";
  std::vector<int64_t> dilations = {1, 2};
  trellis::Shape shape = trellis::Shape::Unknown();
  DType out_type = kInt32;
  std::string name = "";
};

struct EverythingOutputs {
  Output y;
  std::vector<Output> parts;
  Output z;
};

// Does it all.
//
//   Everything(a: T, class: N * T, size: int32) -> (y: T, parts: N * T, z:
//   DstT)
//   t: one of float32, float64, bfloat16, float16
//   n: >= 1
//   strides: size >= 4
//   alpha: default 0.2
//   use_locking: default true
//   mode: default "a\"b"
//   dilations: default list(1, 2)
//   shape: default ?
//   out_type: one of int32, int64; default int32
//
// No gradient: it is a test.
EverythingOutputs Everything(
    const Scope& scope, const Input& a, const InputList& class_,
    const Input& size, DType dst_t, std::vector<int64_t> strides,
    const EverythingOptions& options = {},
    SourceLocation location = std::source_location::current());

}  // namespace trellis::ops

#endif  // TRELLIS_OPS_TEST_OPS_H_
)")));
}

TEST(GenOpsTest, SourcePassesInputsAttributesAndOutputs) {
  OpRegistry registry;
  registry.Add(Everything());
  const auto source = WrapperSource(registry, {.family = "test"});
  ASSERT_THAT(source, IsOk());
  EXPECT_THAT(*source, HasSubstr(R"(
  OpBuilder builder(scope, "Everything", options.name, location);
  builder.Input(a);
  builder.InputList(class_);
  builder.Input(size);
  builder.Attr("DstT", dst_t);
  builder.Attr("strides", strides);
  builder.Attr("alpha", options.alpha);
)"));
  EXPECT_THAT(*source, HasSubstr("node->output(0), Outputs(node, 1, "
                                 "class_.size()),"));
  EXPECT_THAT(*source, HasSubstr("node->output(1 + class_.size())"));
}

TEST(GenOpsTest, ResultTypeFollowsFromTheOutputs) {
  OpRegistry registry;
  registry.Add(WithOutputs("None", {}));
  registry.Add(WithOutputs("One", {{"y", "float32"}}));
  registry.Add(WithOutputs("Several", {{"y", "float32", "num"}},
                           {{.name = "num", .kind = "int"}}));
  registry.Add(WithOutputs("Typed", {{"y", "types"}},
                           {{.name = "types", .kind = "list(type)"}}));
  const auto header = WrapperHeader(registry, {.family = "test"});
  ASSERT_THAT(header, IsOk());
  EXPECT_THAT(*header, HasSubstr("\nNode* None("));
  EXPECT_THAT(*header, HasSubstr("\nOutput One("));
  EXPECT_THAT(*header, HasSubstr("\nstd::vector<Output> Several("));
  const auto source = WrapperSource(registry, {.family = "test"});
  ASSERT_THAT(source, IsOk());
  EXPECT_THAT(*source, HasSubstr("return Outputs(node, 0, num);"));
  EXPECT_THAT(*source, HasSubstr("return Outputs(node, 0, types.size());"));
}

TEST(GenOpsTest, InternalOpsAndConstantsHaveNoWrapper) {
  EXPECT_FALSE(HasWrapper(WithOutputs("_FusedAdd", {})));
  EXPECT_FALSE(HasWrapper(WithOutputs("Const", {{"y", "float32"}},
                                      {{.name = "value", .kind = "tensor"}})));
  EXPECT_TRUE(HasWrapper(WithOutputs("Trellis>RoiAlign", {})));
}

TEST(GenOpsTest, FunctionNameHasNoOwner) {
  const auto op = SignatureOf(WithOutputs("Trellis>RoiAlign", {}));
  ASSERT_THAT(op, IsOk());
  EXPECT_EQ(op->function, "RoiAlign");
}

TEST(GenOpsTest, NamesBecomeIdentifiers) {
  EXPECT_EQ(CppIdentifier("DstT"), "dst_t");
  EXPECT_EQ(CppIdentifier("T"), "t");
  EXPECT_EQ(CppIdentifier("transpose_a"), "transpose_a");
  EXPECT_EQ(CppIdentifier("default"), "default_");
  EXPECT_EQ(CppIdentifier("Template"), "template_");
  EXPECT_EQ(CppIdentifier("scope"), "scope_");
}

TEST(GenOpsTest, DefaultWithoutLiteralIsAnError) {
  const OpSchema schema = WithOutputs(
      "Odd", {},
      {{.name = "f", .kind = "func", .default_value = FunctionRef{"g", {}}}});
  EXPECT_THAT(SignatureOf(schema), StatusIs(absl::StatusCode::kUnimplemented,
                                            HasSubstr("Odd: attribute f")));
}

TEST(GenOpsTest, PageTellsWhatEachOpIs) {
  const OpFamily family = {
      "test", [](OpRegistry& registry) { registry.Add(Everything()); }};
  const std::string page = OpsPage({&family, 1});
  EXPECT_THAT(page, HasSubstr("| test | [Everything](#everything) |\n"));
  EXPECT_THAT(page, HasSubstr("\n### Everything\n\n`Everything(a: T, "));
  EXPECT_THAT(page, HasSubstr("* `out_type`: type; one of int32, int64; "
                              "default int32\n"));
  EXPECT_THAT(page, HasSubstr("* no gradient: it is a test\n"));
}

TEST(TextTest, FillsLinesAndKeepsIndentedOnes) {
  const std::string word(30, 'w');
  EXPECT_EQ(
      Fill(word + " " + word + " " + word + "\n  kept  as it is", "// "),
      "// " + word + " " + word + "\n// " + word + "\n//   kept  as it is\n");
}

TEST(TextTest, LinesStayWithinEightyColumns) {
  const std::vector<std::string> items(20, "const Input& x");
  for (absl::string_view line :
       absl::StrSplit(FillList("Output F(", items, ");"), '\n')) {
    EXPECT_LE(line.size(), 80) << line;
  }
}

}  // namespace
}  // namespace trellis
