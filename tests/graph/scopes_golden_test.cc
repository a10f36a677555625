// Names, scopes, devices, colocation, control dependencies and seeds against
// what TensorFlow 1.15 recorded.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "trellis/graph/expr.h"
#include "trellis/graph/group.h"
#include "trellis/graph/op_builder.h"
#include "trellis/graph/seeds.h"
#include "trellis/graph/values.h"
#include "trellis/tests/graph/golden_case.h"

namespace trellis::testing {
namespace {

using Case = GoldenCase;

// The seeds of the node that draws for `values`.
std::vector<int64_t> SeedsOf(Output values) {
  const Node& draw = *values.node->input(0).node->input(0).node;
  return {draw.attr<int64_t>("seed"), draw.attr<int64_t>("seed2")};
}

const std::vector<GoldenProgram> kPrograms = {
    {"E1.2",
     [](Case& c) {
       std::vector<Output> made;
       for (const char* n : {"x", "x", "X", "x_1", "x_1"}) {
         made.push_back(c.Const(c.root(), n));
       }
       c.Is("made", made);
     }},
    {"E1.3",
     [](Case& c) {
       const Scope s = c.root();
       const Scope s1 = s.NameScope("s");
       c.Is("c1", c.Const(s1, "c"));
       const Scope s2 = s.NameScope("s");
       c.Is("c2", c.Const(s2, "c"));
       c.Is("c3", c.Const(s.NameScope(s1.path()), "c"));
       c.Is("c4", c.Const(s.NameScope("s/"), "c"));
       const Scope s3 = s.NameScope("s"), t = s3.NameScope("t");
       c.Is("st", t.path());
       c.Is("c5", c.Const(t, "c"));
       c.Is("c6", c.Const(s3.NameScope(""), "c"));
       c.Is("c7", c.Const(s3.NameScope(""), "c"));
       c.Is("c8", c.Const(s3.NameScope("_h"), "c"));
     }},
    {"E1.4",
     [](Case& c) {
       const Scope n = c.root().NameScope("n");
       const Output k = c.Const(n, "k", 1.f);
       c.Is("u", Emit(n, "Neg", {k}, {}, n.path()));
     }},
    {"E1.6",
     [](Case& c) {
       const Scope s = c.root();
       const Output x = c.Placeholder(s, kFloat32, {2}, "x");
       c.Is("y", s(x) + 1.f);
       c.Is("z", 1.f + s(x));
       c.Is("w", Emit(s, "Add", {x, 2.f}));
       c.Is("q", Emit(s, "Mul", {x, 3.f}, {}, "m"));
     }},
    {"R1.15",
     [](Case& c) {
       c.root().NameScope("s");
       c.Is("c", c.Const(c.root(), "s"));
     }},
    {"R1.19",
     [](Case& c) {
       const Scope s = c.root().NameScope("a").NameScope("fresh/x/");
       c.Is("c", c.Const(s, "c"));
       const Scope t = c.root().NameScope("fresh");
       c.Is("t", t.path());
       c.Is("d", c.Const(t, "x"));
     }},
    {"R1.21",
     [](Case& c) {
       const Scope a = c.root().NameScope("s"), b = a.NameScope("t");
       c.Is("a", a.path());
       c.Is("b", b.path());
       c.Is("c", b.NameScope("").path());
       c.Is("get_name_scope", b.name());
       c.Is("d", a.NameScope(b.path()).path());
       c.Is("get_name_scope_root", c.root().name());
     }},
    {"E11.4",
     [](Case& c) {
       const Scope s = c.root().NameScope("a/b");
       c.Is("c", c.Const(s, "c"));
       c.Is("s2", c.root().NameScope("a").path());
       c.Is("s3", c.root().NameScope("a/b").path());
     }},
    {"E11.5",
     [](Case& c) {
       c.Is("c", c.Const(c.root(), "a/b"));
       const Scope s = c.root().NameScope("a");
       c.Is("d", c.Const(s, "b"));
       c.Is("e", c.Const(s, "b/c"));
     }},
    {"E11.6",
     [](Case& c) {
       c.Is("c", c.Const(c.root().NameScope("fresh/"), "c"));
       c.Is("d", c.Const(c.root().NameScope("fresh"), "c"));
     }},
    {"E11.21",
     [](Case& c) {
       const Scope s = c.root();
       const Output x = c.Placeholder(s, kFloat32, {2}, "x");
       c.Is("y", (s(x) * 2.f + 1.f) / 3.f - x);
     }},
    {"R1.34",
     [](Case& c) {
       const Scope s = c.root();
       const Output a = c.Const(s, "a"), b = c.Const(s, "b", 2);
       c.Is("g0", Group(s, {}));
       c.Is("g1", Group(s, {a, b}));
       c.Is("g3", Group(s, {a, b}, "nested"));
       const Output d1 = c.Const(s.WithDevice("/cpu:1"), "c", 3);
       const Output d0 = c.Const(s.WithDevice("/cpu:0"), "d", 4);
       c.Is("g4", Group(s, {d1, d0, a}, "multi"));
       c.Is("g5", Group(s, {d1}, "one_device"));
     }},
    {"R1.35",
     [](Case& c) {
       const Scope s = c.root();
       const Output a = c.Const(s, "a"), b = c.Const(s, "b", 2);
       c.Is("w", WithDependencies(s, {a}, b));
       c.Is("w2", WithDependencies(s, {a}, b, "q"));
     }},
    {"R1.36",
     [](Case& c) {
       const Scope s = c.root();
       const Output a = c.Const(s, "a"), b = c.Const(s, "b", 2);
       c.Is("t", Tuple(s, {b, a, Output()}));
       c.Is("t2", Tuple(s, {a}, {b}, "tt"));
     }},
    {"E11.19",
     [](Case& c) {
       const Scope s = c.root();
       const Output a = c.Const(s, "a");
       c.Is("g", Group(s, {a}));
       c.Is("h", Group(s, {a}));
       c.Is("t", Tuple(s, {a, Output(), a}));
     }},
    {"E1.7",
     [](Case& c) {
       const Scope s = c.root();
       const Output a = c.Const(s, "a"), b = c.Const(s, "b"),
                    k = c.Const(s, "c");
       const Scope ab = s.WithControlDependencies({a, b});
       const Output d = Emit(ab, "Identity", {k}, {}, "d");
       Emit(ab, "Identity", {d}, {}, "e");
       Emit(ab, "Identity", {a}, {}, "f");
       const Scope ca = ab.WithControlDependencies({k, a});
       Emit(ca, "Identity", {k}, {}, "h");
       c.Const(ca, "i");
       Emit(ab.WithoutControlDependencies(), "Identity", {k}, {}, "j");
     }},
    {"R1.48",
     [](Case& c) {
       const Scope s = c.root();
       const Output a = c.Const(s, "a"), b = c.Const(s, "b"),
                    k = c.Const(s, "c");
       const Scope after_a = s.WithControlDependencies({a});
       const Output d = Emit(after_a, "Identity", {k}, {}, "d");
       const Scope after_b = after_a.WithControlDependencies({b});
       const Output e = Emit(after_b, "Identity", {d}, {}, "e");
       Emit(after_b, "Add", {d, k}, {}, "f");
       Emit(after_b, "Identity", {e}, {}, "h");
     }},
    {"E1.8",
     [](Case& c) {
       const Scope ps = c.root().WithDevice("/job:ps/task:1");
       const Scope gpu = ps.WithDevice("/gpu:3");
       c.Const(gpu, "a");
       c.Const(gpu.WithDevice("/cpu"), "b");
       c.Const(gpu.WithoutDevice(), "c");
       const Scope chosen = ps.WithDevice([](const NodeSpec& node) {
         return std::string(node.op == "Const" ? "/cpu:0" : "");
       });
       Emit(chosen, "Identity", {c.Const(chosen, "d")}, {}, "e");
     }},
    {"R1.55-a",
     [](Case& c) {
       const Scope s =
           c.root().WithDevice("/task:3").WithDevice([](const NodeSpec& node) {
             EXPECT_EQ(node.device,
                       node.name == "a" ? "/device:CPU:1" : "/device:GPU:1");
             return std::string("/job:fn");
           });
       c.Const(s.WithDevice("/cpu:1"), "a");
       c.Const(s.WithDevice("/cpu:1").WithDevice("/gpu"), "b");
     }},
    {"R1.55-c",
     [](Case& c) {
       const Scope s = c.root().WithDevice("/cpu:1");
       c.Const(s.WithDevice(""), "a");
       const Scope none = s.WithoutDevice();
       c.Const(none, "b");
       c.Const(none.WithDevice("/task:1"), "c");
       c.Const(none.WithDevice("/gpu:0").WithDevice("/task:2"), "d");
     }},
    {"R1.60",
     [](Case& c) {
       const Scope s = c.root();
       const Output x = c.Const(s.WithDevice("/cpu:2"), "x");
       const Output y = c.Const(s, "y");
       const Scope one = s.WithDevice("/cpu:1");
       c.Const(one.ColocateWith(x), "a", 2);
       const Scope with_y = one.ColocateWith(y);
       c.Const(with_y, "b", 2);
       c.Const(with_y.WithDevice("/cpu:3"), "c", 2);
       const Scope with_x = one.ColocateWith(x);
       c.Const(with_x.WithDevice("/cpu:3"), "d", 2);
       c.Const(with_x.ColocateWith(y), "e", 2);
       c.Const(with_x.ColocateWith(y, true), "f", 2);
       c.Const(with_x.WithoutColocation(), "h", 2);
       c.Const(one, "i", 2);
     }},
    {"R1.62",
     [](Case& c) {
       const Scope s = c.root();
       const Output x = c.Const(s.WithDevice("/cpu:1"), "x");
       const Output y = c.Const(s.WithDevice("/cpu:2"), "y");
       c.Const(s.ColocateWith(x).ColocateWith(y), "a");
       c.Const(s.ColocateWith(y).ColocateWith(x), "b");
     }},
    {"R1.64",
     [](Case& c) {
       const Scope s = c.root().WithAttr("_x", "1");
       const auto attr = [](Output o, const char* name) {
         const AttrValue* value = o.node->FindAttr(name);
         return value == nullptr ? "" : value->ToString();
       };
       EXPECT_EQ(attr(c.Const(s, "a"), "_x"), AttrValue("1").ToString());
       const Output b = c.Const(s.WithAttr("_x", "2").WithAttr("_y", 5), "b");
       EXPECT_EQ(attr(b, "_x"), AttrValue("2").ToString());
       EXPECT_EQ(attr(b, "_y"), "5");
       EXPECT_EQ(attr(c.Const(s.WithAttr("_x", {}), "c"), "_x"), "");
     }},
    {"R1.65",
     [](Case& c) {
       const auto override_of = [](Output o) {
         return o.node->attr<std::string>("_gradient_op_type");
       };
       const Scope s = c.root()
                           .WithGradientOverride("Square", "MyGrad")
                           .WithGradientOverride("Neg", "N1");
       EXPECT_EQ(override_of(Emit(s, "Square", {1.f}, {}, "a")), "MyGrad");
       const Scope t = s.WithGradientOverride("Square", "Other");
       EXPECT_EQ(override_of(Emit(t, "Square", {1.f}, {}, "b")), "Other");
       EXPECT_EQ(override_of(Emit(t, "Neg", {1.f}, {}, "c")), "N1");
       Emit(s, "Square", {1.f}, {}, "d");
     }},
    {"E1.10-a",
     [](Case& c) {
       SetRandomSeed(c.graph(), 1);
       c.Is("a", SeedsOf(UniformValues(c.root(), {2}, 0, 1)));
       c.Is("b", SeedsOf(UniformValues(c.root(), {2}, 0, 1)));
     }},
    {"E1.10-b",
     [](Case& c) {
       const auto draw = [&](const char* name, std::optional<int64_t> seed) {
         c.Is(name, SeedsOf(UniformValues(c.root(), {2}, 0, 1,
                                          {.seed = seed, .name = name})));
       };
       draw("a", 5);
       draw("b", std::nullopt);
       draw("c", 2147483647);
       draw("d", 2147483650);
       draw("e", -1);
       draw("f", 0);
     }},
    {"E1.10-c",
     [](Case& c) {
       SetRandomSeed(c.graph(), 0);
       const Scope s = c.root();
       c.Is("a",
            SeedsOf(UniformValues(s, {2}, 0, 1, {.seed = 0, .name = "a"})));
       c.Is("b",
            SeedsOf(UniformValues(s, {2}, 0, 1, {.seed = 3, .name = "b"})));
     }},
    {"R1.67-c",
     [](Case& c) {
       const Scope s = c.root();
       c.Is("a", SeedsOf(UniformValues(s, {2}, 0, 1, {.name = "a"})));
       SetRandomSeed(c.graph(), 3);
       c.Is("b", SeedsOf(UniformValues(s, {2}, 0, 1, {.name = "b"})));
       SetRandomSeed(c.graph(), std::nullopt);
       c.Is("c", SeedsOf(UniformValues(s, {2}, 0, 1, {.name = "c"})));
       SetRandomSeed(c.graph(), 9);
       c.Is("d",
            SeedsOf(UniformValues(s, {2}, 0, 1, {.seed = 4, .name = "d"})));
     }},
    {"R1.69",
     [](Case& c) {
       SetRandomSeed(c.graph(), 1);
       const Scope s = c.root();
       c.Const(s, "Const", 0);
       c.Is("a", SeedsOf(UniformValues(s, {2}, 0, 1, {.name = "a"})));
       const Output n = c.Placeholder(s, kInt32, {1}, "");
       c.Is("b", SeedsOf(UniformValues(s, n, 0, 1, {.name = "b"})));
     }},
    {"R2.11-a",
     [](Case& c) {
       const Scope o = c.root().VariableScope("o");
       c.Is("a", o.DefaultVariableScope("d"));
       c.Is("b", o.DefaultVariableScope("d"));
       const Scope again = c.root().VariableScope("o");
       c.Is("c", again.DefaultVariableScope("d"));
       c.Is("d", c.root().DefaultVariableScope("o"));
     }},
    {"R2.11-b",
     [](Case& c) {
       const Scope o = c.root().VariableScope("o");
       c.Is("a", o.DefaultVariableScope("d"));
       const Scope inner = o.VariableScope(o);
       c.Is("b", inner.DefaultVariableScope("d"));
       c.Is("c", inner.DefaultVariableScope("d"));
       c.Is("e", o.DefaultVariableScope("d"));
       c.Is("f", c.root().DefaultVariableScope("o"));
     }},
};

class ScopesGoldenTest : public ::testing::TestWithParam<GoldenParam> {};

TEST_P(ScopesGoldenTest, MakesTensorFlowsNodes) { RunGolden(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Programs, ScopesGoldenTest,
                         ::testing::ValuesIn(AllFlavours(kPrograms)),
                         GoldenName);

}  // namespace
}  // namespace trellis::testing
