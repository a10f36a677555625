// The nodes that gradients of the array families make: names, ops and inputs
// are those of TensorFlow 1.15 (gradients.json, cases named after the ops).
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/gradient_context.h"
#include "trellis/graph/op_builder.h"
#include "trellis/ops/all.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::trellis::testing::IsOk;
using ::trellis::testing::StatusIs;

const OpRegistry& Ops() {
  static const OpRegistry* const registry = [] {
    auto* ops = new OpRegistry();
    RegisterAllOps(*ops);
    return ops;
  }();
  return *registry;
}

class ArrayGradientsTest : public ::testing::Test {
 protected:
  Output Placeholder(absl::string_view name, Shape shape,
                     DType dtype = kFloat32) {
    return Emit(root_, "Placeholder", {},
                {{"dtype", dtype}, {"shape", std::move(shape)}}, name);
  }

  // Differentiates `node`: the new nodes as "name = Op(inputs)". Names below
  // its gradient's scope begin with "@".
  std::vector<std::string> GradientNodes(Node* node) {
    EXPECT_THAT(graph_.status(), IsOk());
    std::vector<Gradient> dys;
    for (int i = 0; i < node->num_outputs(); ++i) {
      dys.push_back(Placeholder(absl::StrCat("dy", i), node->output_shape(i),
                                node->output_dtype(i)));
    }
    const int first = graph_.id_limit();
    const Scope scope = root_.NameScope("g");
    GradientContext g(scope, *node, dys);
    status_ = node->schema()->gradient(g);
    std::vector<std::string> lines;
    for (Node* made : graph_.nodes()) {
      if (made->id() < first) continue;
      std::string inputs;
      for (Output input : made->inputs()) {
        std::string name = input.node->name();
        if (input.index > 0) absl::StrAppend(&name, ":", input.index);
        absl::StrAppend(&inputs, inputs.empty() ? "" : ", ", Short(name));
      }
      lines.push_back(absl::StrCat(Short(made->name()), " = ", made->op(), "(",
                                   inputs, ")"));
    }
    return lines;
  }

  static std::string Short(const std::string& name) {
    return name.compare(0, 2, "g/") == 0 ? "@" + name.substr(2) : name;
  }

  Graph graph_{Ops()};
  Scope root_ = graph_.root();
  absl::Status status_;
};

TEST_F(ArrayGradientsTest, Reshape) {
  const Output x = Placeholder("x", {2, 3});
  EXPECT_THAT(
      GradientNodes(Emit(root_, "Reshape", {x, {3, 2}}).node),
      ElementsAre("@Shape = Const()", "@Reshape = Reshape(dy0, @Shape)"));
}

TEST_F(ArrayGradientsTest, SqueezeOfUnknownShape) {
  const Output x = Placeholder("x", {-1, 1});
  EXPECT_THAT(
      GradientNodes(Emit(root_, "Squeeze", {x},
                         {{"squeeze_dims", std::vector<int64_t>{1}}})
                        .node),
      ElementsAre("@Shape = Shape(x)", "@Reshape = Reshape(dy0, @Shape)"));
}

TEST_F(ArrayGradientsTest, Transpose) {
  const Output x = Placeholder("x", {2, 3});
  EXPECT_THAT(
      GradientNodes(Emit(root_, "Transpose", {x, {1, 0}}, {}, "t").node),
      ElementsAre("@InvertPermutation = InvertPermutation(t/perm)",
                  "@transpose = Transpose(dy0, @InvertPermutation)"));
}

TEST_F(ArrayGradientsTest, ConcatOfKnownShapes) {
  const Output x = Placeholder("x", {2, 3}), y = Placeholder("y", {2, 2});
  EXPECT_THAT(
      GradientNodes(Emit(root_, "ConcatV2", {x, y, 1}, {}, "concat").node),
      ElementsAre("@Rank = Const()", "@mod = FloorMod(concat/axis, @Rank)",
                  "@Shape = Const()", "@Shape_1 = Const()",
                  "@ConcatOffset = ConcatOffset(@mod, @Shape, @Shape_1)",
                  "@Slice = Slice(dy0, @ConcatOffset, @Shape)",
                  "@Slice_1 = Slice(dy0, @ConcatOffset:1, @Shape_1)"));
}

TEST_F(ArrayGradientsTest, ConcatOfUnknownShapes) {
  const Output x = Placeholder("x", {-1, 3}), y = Placeholder("y", {-1, 2});
  EXPECT_THAT(
      GradientNodes(Emit(root_, "ConcatV2", {x, y, 1}, {}, "concat").node),
      ElementsAre("@Rank = Const()", "@mod = FloorMod(concat/axis, @Rank)",
                  "@Shape = Shape(x)", "@ShapeN = ShapeN(x, y)",
                  "@ConcatOffset = ConcatOffset(@mod, @ShapeN, @ShapeN:1)",
                  "@Slice = Slice(dy0, @ConcatOffset, @ShapeN)",
                  "@Slice_1 = Slice(dy0, @ConcatOffset:1, @ShapeN:1)"));
}

TEST_F(ArrayGradientsTest, ConcatOfManyIsSplitByOneNode) {
  std::vector<Input> inputs(17, Placeholder("x", {2}));
  inputs.push_back(0);
  const std::vector<std::string> nodes =
      GradientNodes(EmitNode(root_, "ConcatV2", inputs, {}, "concat"));
  ASSERT_THAT(nodes, ::testing::SizeIs(2 + 17 + 7));
  EXPECT_THAT(std::vector<std::string>(nodes.begin() + 20, nodes.end()),
              ElementsAre("@Slice/begin/1 = Const()",
                          "@Slice/begin = Pack(@mod, @Slice/begin/1)",
                          "@Slice/size = Const()",
                          "@Slice = Slice(@stack, @Slice/begin, @Slice/size)",
                          "@Squeeze = Squeeze(@Slice)",
                          "@split = SplitV(dy0, @Squeeze, @mod)"));
}

TEST_F(ArrayGradientsTest, PackAndUnpackAreEachOthers) {
  const Output x = Placeholder("x", {3});
  Node* stack = Emit(root_, "Pack", {x, x}).node;
  EXPECT_THAT(GradientNodes(stack), ElementsAre("@unstack = Unpack(dy0)"));
}

TEST_F(ArrayGradientsTest, Slice) {
  const Output x = Placeholder("x", {2, 3});
  EXPECT_THAT(
      GradientNodes(Emit(root_, "Slice", {x, {0, 1}, {2, 2}}).node),
      ElementsAre(
          "@Rank = Const()", "@Shape = Const()", "@stack/1 = Const()",
          "@stack = Pack(@Rank, @stack/1)",
          "@Reshape = Reshape(Slice/begin, @stack)", "@Shape_1 = Const()",
          "@sub = Sub(@Shape_1, @Shape)", "@sub_1 = Sub(@sub, Slice/begin)",
          "@Reshape_1 = Reshape(@sub_1, @stack)", "@concat/axis = Const()",
          "@concat = ConcatV2(@Reshape, @Reshape_1, @concat/axis)",
          "@Pad = Pad(dy0, @concat)"));
}

TEST_F(ArrayGradientsTest, Pad) {
  const Output x = Placeholder("x", {2, 3});
  const Output paddings = Placeholder("p", {2, 2}, kInt32);
  EXPECT_THAT(
      GradientNodes(Emit(root_, "Pad", {x, paddings}).node),
      ElementsAre(
          "@Rank = Const()", "@stack/1 = Const()",
          "@stack = Pack(@Rank, @stack/1)", "@Slice/begin = Const()",
          "@Slice = Slice(p, @Slice/begin, @stack)", "@Reshape/shape = Const()",
          "@Reshape = Reshape(@Slice, @Reshape/shape)", "@Shape = Const()",
          "@Slice_1 = Slice(dy0, @Reshape, @Shape)"));
}

TEST_F(ArrayGradientsTest, StridedSlice) {
  const Output x = Placeholder("x", {2, 3});
  const Output b = Placeholder("b", {1}, kInt32);
  EXPECT_THAT(
      GradientNodes(
          Emit(root_, "StridedSlice", {x, b, b, b}, {{"begin_mask", 1}}).node),
      ElementsAre(
          "@Shape = Const()",
          "@StridedSliceGrad = StridedSliceGrad(@Shape, b, b, b, dy0)"));
  EXPECT_EQ(graph_.FindNode("g/StridedSliceGrad")->attr<int64_t>("begin_mask"),
            1);
}

TEST_F(ArrayGradientsTest, Tile) {
  const Output x = Placeholder("x", {2, 3});
  EXPECT_THAT(
      GradientNodes(Emit(root_, "Tile", {x, {2, 1}}).node),
      ElementsAre("@Shape = Const()", "@stack = Pack(Tile/multiples, @Shape)",
                  "@transpose/perm = Const()",
                  "@transpose = Transpose(@stack, @transpose/perm)",
                  "@Reshape/shape = Const()",
                  "@Reshape = Reshape(@transpose, @Reshape/shape)",
                  "@Size = Const()", "@range/start = Const()",
                  "@range/delta = Const()",
                  "@range = Range(@range/start, @Size, @range/delta)",
                  "@Reshape_1 = Reshape(dy0, @Reshape)",
                  "@Sum = Sum(@Reshape_1, @range)"));
}

TEST_F(ArrayGradientsTest, GatherOfRowsGivesSlices) {
  const Output x = Placeholder("x", {4, 2});
  const Output i = Placeholder("i", {3}, kInt32);
  EXPECT_THAT(
      GradientNodes(Emit(root_, "GatherV2", {x, i, 0}).node),
      ElementsAre(
          "@Shape = Const()", "@Cast = Cast(@Shape)", "@Size = Const()",
          "@ExpandDims/dim = Const()",
          "@ExpandDims = ExpandDims(@Size, @ExpandDims/dim)",
          "@strided_slice/stack = Const()", "@strided_slice/stack_1 = Const()",
          "@strided_slice/stack_2 = Const()",
          "@strided_slice = StridedSlice(@Cast, @strided_slice/stack, "
          "@strided_slice/stack_1, @strided_slice/stack_2)",
          "@concat/axis = Const()",
          "@concat = ConcatV2(@ExpandDims, @strided_slice, @concat/axis)",
          "@Reshape = Reshape(dy0, @concat)",
          "@Reshape_1 = Reshape(i, @ExpandDims)"));
  EXPECT_THAT(status_, IsOk());
}

TEST_F(ArrayGradientsTest, GatherOfColumnsIsASegmentSum) {
  const Output x = Placeholder("x", {2, 3});
  const Output i = Placeholder("i", {3}, kInt32);
  const std::vector<std::string> nodes =
      GradientNodes(Emit(root_, "GatherV2", {x, i, 1}).node);
  EXPECT_THAT(status_, IsOk());
  EXPECT_THAT(
      nodes,
      ::testing::IsSupersetOf(
          {"@Size_1 = Const()", "@Size_2 = Const()",
           "@range_2 = Range(@add, @Size_1, @range_2/delta)",
           "@concat_1 = ConcatV2(@range, @concat_1/values_1, @range_1, "
           "@range_2, @concat_1/axis)",
           "@strided_slice_3 = StridedSlice(@Cast, @strided_slice_3/stack, "
           "@strided_slice_3/stack_1, @strided_slice_3/stack_2)",
           "@UnsortedSegmentSum = UnsortedSegmentSum(@transpose, @Reshape_1, "
           "@strided_slice_3)",
           "@concat_2 = ConcatV2(@range, @add_2, @concat_2/values_2, "
           "@range_2, @concat_2/axis)",
           "@transpose_1 = Transpose(@UnsortedSegmentSum, @concat_2)"}));
}

TEST_F(ArrayGradientsTest, UnsortedSegmentSum) {
  const Output x = Placeholder("x", {4, 2});
  const Output ids = Placeholder("ids", {4}, kInt32);
  EXPECT_THAT(
      GradientNodes(Emit(root_, "UnsortedSegmentSum", {x, ids, 3}).node),
      ElementsAre("@zeros_like = Const()",
                  "@Maximum = Maximum(ids, @zeros_like)",
                  "@GatherV2/axis = Const()",
                  "@GatherV2 = GatherV2(dy0, @Maximum, @GatherV2/axis)",
                  "@GreaterEqual/y = Const()",
                  "@GreaterEqual = GreaterEqual(ids, @GreaterEqual/y)",
                  "@ExpandDims/dim = Const()",
                  "@ExpandDims = ExpandDims(@GreaterEqual, @ExpandDims/dim)",
                  "@ones_like/Shape = Const()", "@ones_like/Const = Const()",
                  "@ones_like = Fill(@ones_like/Shape, @ones_like/Const)",
                  "@and = LogicalAnd(@ExpandDims, @ones_like)",
                  "@zeros_like_1 = Const()",
                  "@Select = Select(@and, @GatherV2, @zeros_like_1)"));
}

TEST_F(ArrayGradientsTest, FillSumsUp) {
  const Output v = Placeholder("v", {});
  EXPECT_THAT(GradientNodes(Emit(root_, "Fill", {{2, 3}, v}).node),
              ElementsAre("@Const = Const()", "@Sum = Sum(dy0, @Const)"));
}

TEST_F(ArrayGradientsTest, PreventGradientSaysWhy) {
  const Output x = Placeholder("x", {2});
  GradientNodes(
      Emit(root_, "PreventGradient", {x}, {{"message", "no second order"}})
          .node);
  EXPECT_THAT(status_, StatusIs(absl::StatusCode::kUnimplemented,
                                HasSubstr("no second order")));
}

}  // namespace
}  // namespace trellis
