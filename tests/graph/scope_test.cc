#include "trellis/graph/scope.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/expr.h"
#include "trellis/graph/op_builder.h"
#include "trellis/ops/all.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ScopeTest : public ::testing::Test {
 protected:
  ScopeTest() { RegisterAllOps(ops_); }

  static Output Const(const Scope& s, const std::string& name) {
    return ToOutput(s, 1, name);
  }
  static std::vector<std::string> Controls(Output output) {
    std::vector<std::string> names;
    for (Node* node : output.node->control_inputs()) {
      names.push_back(node->name());
    }
    return names;
  }
  static std::vector<std::string> Groups(Output output) {
    const AttrValue* attr = output.node->FindAttr("_class");
    return attr == nullptr ? std::vector<std::string>() : attr->list()->s;
  }

  OpRegistry ops_;
  Graph graph_{ops_};
  Scope root_ = graph_.root();
};

TEST_F(ScopeTest, NameScopesAreUniqueAndCanBeEnteredAgain) {  // E1.3
  const Scope s1 = root_.NameScope("s");
  EXPECT_EQ(Const(s1, "c").name(), "s/c:0");
  EXPECT_EQ(s1.path(), "s/");
  const Scope s2 = root_.NameScope("s");
  EXPECT_EQ(Const(s2, "c").name(), "s_1/c:0");
  EXPECT_EQ(Const(root_.NameScope(s1.path()), "c").name(), "s/c_1:0");
  EXPECT_EQ(Const(root_.NameScope("s/"), "c").name(), "s/c_2:0");
  const Scope s3 = root_.NameScope("s");
  EXPECT_EQ(s3.name(), "s_2");
  EXPECT_EQ(Const(s3.NameScope("t"), "c").name(), "s_2/t/c:0");
  EXPECT_EQ(Const(s3.NameScope(""), "c").name(), "c:0");
  EXPECT_EQ(Const(s3.NameScope("_h"), "c").name(), "s_2/_h/c:0");
  EXPECT_TRUE(graph_.status().ok());
  root_.NameScope("_h");
  EXPECT_THAT(std::string(graph_.status().message()), HasSubstr("_h"));
}

TEST_F(ScopeTest, CopyingBurnsNoName) {
  const Scope a = root_.NameScope("a");
  const Scope copy = a;
  Const(copy, "c");
  EXPECT_EQ(Const(a, "c").name(), "a/c_1:0");
  EXPECT_EQ(root_.NameScope("a").name(), "a_1");
}

TEST_F(ScopeTest, PathAsANodeNameMeansTheScopeItself) {  // E1.4
  const Scope n = root_.NameScope("n");
  const Output k = ToOutput(n, 1.f, "k");
  EXPECT_EQ(Emit(n, "Neg", {k}, {}, n.path()).name(), "n:0");
}

TEST_F(ScopeTest, ControlDependenciesArePruned) {  // E1.7
  const Output a = Const(root_, "a"), b = Const(root_, "b"),
               c = Const(root_, "c");
  const Scope s = root_.WithControlDependencies({a, b});
  const Output d = Emit(s, "Identity", {c}, {}, "d");
  EXPECT_THAT(Controls(d), ElementsAre("a", "b"));
  EXPECT_THAT(Controls(Emit(s, "Identity", {d}, {}, "e")), IsEmpty());
  EXPECT_THAT(Controls(Emit(s, "Identity", {a}, {}, "f")), ElementsAre("b"));
  const Scope inner = s.WithControlDependencies({c, a});
  EXPECT_THAT(Controls(Emit(inner, "Identity", {c}, {}, "h")),
              ElementsAre("a", "b"));
  EXPECT_THAT(Controls(Const(inner, "i")), ElementsAre("a", "b", "c"));
  const Scope none = inner.WithoutControlDependencies();
  EXPECT_THAT(Controls(Emit(none, "Identity", {c}, {}, "j")), IsEmpty());
}

TEST_F(ScopeTest, DevicesMergeFromTheInside) {  // E1.8
  const Scope ps = root_.WithDevice("/job:ps/task:1");
  const Scope gpu = ps.WithDevice("/gpu:3");
  EXPECT_EQ(Const(gpu, "a").node->device(), "/job:ps/task:1/device:GPU:3");
  EXPECT_EQ(Const(gpu.WithDevice("/cpu"), "b").node->device(),
            "/job:ps/task:1/device:CPU:3");
  EXPECT_EQ(Const(gpu.WithoutDevice(), "c").node->device(), "");
  const Scope chosen = ps.WithDevice([](const NodeSpec& node) {
    return std::string(node.op == "Const" ? "/cpu:0" : "");
  });
  const Output d = Const(chosen, "d");
  EXPECT_EQ(d.node->device(), "/job:ps/task:1/device:CPU:0");
  EXPECT_EQ(Emit(chosen, "Identity", {d}).node->device(), "/job:ps/task:1");
}

TEST_F(ScopeTest, ColocationInheritsGroupsAndDevice) {  // E1.9, R1.62
  const Output v = Const(root_.WithDevice("/cpu:1"), "v");
  const Output a = Const(root_.WithDevice("/gpu:0").ColocateWith(v), "a");
  EXPECT_THAT(Groups(a), ElementsAre("loc:@v"));
  EXPECT_EQ(a.node->device(), "/device:CPU:1");
  const Output b = Const(root_.ColocateWith(a), "b");
  EXPECT_THAT(Groups(b), ElementsAre("loc:@v"));
  EXPECT_THAT(Groups(Const(root_.ColocateWith(a).WithoutColocation(), "c")),
              IsEmpty());
}

TEST_F(ScopeTest, LiteralsAreNamedAfterArguments) {  // E1.6, R1.26
  const Output x =
      EmitNode(root_, "Placeholder", {},
               {{"dtype", AttrValue(kFloat32)}, {"shape", AttrValue(Shape{2})}},
               "x")
          ->output();
  const Output y = root_(x) + 1;
  EXPECT_EQ(y.name(), "add:0");
  EXPECT_EQ(y.node->op(), "AddV2");
  EXPECT_EQ(y.node->input(1).name(), "add/y:0");
  EXPECT_EQ(y.node->input(1).dtype(), kFloat32);
  const Output z = 1 + root_(x);
  EXPECT_EQ(z.node->input(0).name(), "add_1/x:0");
  const Output w = Emit(root_, "Add", {x, 2.f});
  EXPECT_EQ(w.name(), "Add_2:0");
  EXPECT_EQ(w.node->input(1).name(), "Add_2/y:0");
  const Output q = Emit(root_, "Mul", {x, 3.f}, {}, "m");
  EXPECT_EQ(q.node->input(1).name(), "m/y:0");
  EXPECT_EQ(graph_.status(), absl::OkStatus());
}

TEST_F(ScopeTest, VariableScopesCountPerOpening) {  // E2.4, E2.6, E2.7
  const auto layer = [](const Scope& s) {
    return s.DefaultVariableScope("fc").variable_scope().name;
  };
  EXPECT_EQ(layer(root_), "fc");
  EXPECT_EQ(layer(root_), "fc_1");
  const Scope outer = root_.VariableScope("outer");
  EXPECT_EQ(layer(outer), "outer/fc");
  EXPECT_EQ(layer(outer), "outer/fc_1");
  EXPECT_EQ(layer(root_.VariableScope("outer")), "outer/fc");
  EXPECT_EQ(layer(root_.VariableScope(outer)), "outer/fc");
  root_.VariableScope("bar");
  const Scope bar = root_.DefaultVariableScope("bar");
  EXPECT_EQ(bar.variable_scope().name, "bar_1");
  EXPECT_EQ(bar.variable_scope().original_name_scope, "bar_1/");
  EXPECT_EQ(root_.NameScope("bar").name(), "bar_2");
}

TEST_F(ScopeTest, CapturedVariableScopeIsAnAbsoluteJump) {  // E2.2, E2.8
  const Scope foo = root_.VariableScope("foo");
  const Scope bar = root_.VariableScope("bar");
  const Scope again = bar.VariableScope(foo);
  EXPECT_EQ(again.variable_scope().name, "foo");
  EXPECT_EQ(again.variable_scope().original_name_scope, "foo/");
  EXPECT_EQ(again.name(), "bar/foo");
  const Scope bare = bar.VariableScope(foo, {.auxiliary_name_scope = false});
  EXPECT_EQ(bare.name(), "bar");
  EXPECT_EQ(bar.VariableScope(root_).variable_scope().name, "");
  EXPECT_EQ(bar.VariableScope(root_).name(), "bar");
  EXPECT_EQ(foo.VariableScope("").variable_scope().name, "foo/");
}

TEST_F(ScopeTest, ReuseIsInheritedAndNeverSwitchedOff) {  // R2.15
  const auto reuse = [](const Scope& s) {
    return s.variable_scope().options.reuse;
  };
  const Scope plain = root_.VariableScope("p");
  EXPECT_EQ(reuse(plain), Reuse::kNone);
  const Scope shared = root_.VariableScope("t", {.reuse = Reuse::kTrue});
  EXPECT_EQ(reuse(shared.VariableScope("u")), Reuse::kTrue);
  EXPECT_EQ(reuse(shared.VariableScope("u", {.reuse = Reuse::kAuto})),
            Reuse::kAuto);
  EXPECT_EQ(reuse(shared.VariableScope(plain)), Reuse::kNone);
  EXPECT_EQ(reuse(plain.ReuseVariables()), Reuse::kTrue);
}

}  // namespace
}  // namespace trellis
