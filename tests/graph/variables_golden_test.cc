// Variables and variable scopes against what TensorFlow 1.15 recorded, for both
// kinds of variables.
#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "trellis/graph/collections.h"
#include "trellis/graph/initializers.h"
#include "trellis/graph/seeds.h"
#include "trellis/graph/variable_store.h"
#include "trellis/graph/zeros.h"
#include "trellis/tests/graph/golden_case.h"

namespace trellis::testing {
namespace {

using Case = GoldenCase;
constexpr Flavours kBoth = Flavours::kBoth;

std::vector<int64_t> SeedsOf(Case& c, absl::string_view node) {
  const Node& draw = *c.graph().FindNode(node);
  return {draw.attr<int64_t>("seed"), draw.attr<int64_t>("seed2")};
}

// Most goldens say so, to have fewer nodes.
Variable ZerosVariable(const Scope& s, Name name, const Shape& shape = {1}) {
  return GetVariable(s, name, shape, {.initializer = ZerosInitializer()});
}

CustomGetter Appending(std::string suffix) {
  return
      [=](const VariableGetter& getter, const Scope& s, const std::string& name,
          const Shape& shape, const GetVariableOptions& options) {
        return getter(s, name + suffix, shape, options);
      };
}

const std::vector<GoldenProgram> kPrograms = {
    {"E2.1",
     [](Case& c) {
       const Scope vs = c.root().VariableScope("foo");
       c.Is("vs", vs);
       const Variable v = GetVariable(vs, "v", {1});
       c.Is("v", v);
       c.Is("c", c.Const(vs, "c"));
       c.Is("w", MakeVariable(vs, 1.f, {.name = "w"}));
       const Scope vs2 = c.root().VariableScope("foo", {.reuse = Reuse::kTrue});
       c.Is("vs2", vs2);
       EXPECT_EQ(GetVariable(vs2, "v", {1}), v);
       c.Is("c2", c.Const(vs2, "c"));
       c.Is("w2", MakeVariable(vs2, 1.f, {.name = "w"}));
     },
     kBoth},
    {"E2.2",
     [](Case& c) {
       const Scope vs = c.root().VariableScope("foo");
       GetVariable(vs, "v", {1});
       c.Const(vs, "c");
       MakeVariable(vs, 1.f, {.name = "w"});
       const VariableScopeOptions reuse = {.reuse = Reuse::kTrue};
       const Scope vs2 = c.root().VariableScope("foo", reuse);
       GetVariable(vs2, "v", {1});
       c.Const(vs2, "c");
       MakeVariable(vs2, 1.f, {.name = "w"});
       const Scope bar = c.root().VariableScope("bar");
       const Scope vs3 = bar.VariableScope(vs, reuse);
       c.Is("vs3", vs3);
       c.Is("v3", GetVariable(vs3, "v", {1}));
       c.Is("c3", c.Const(vs3, "c"));
       c.Is("w3", MakeVariable(vs3, 1.f, {.name = "w"}));
       const Scope vs4 = bar.VariableScope(
           vs, {.reuse = Reuse::kTrue, .auxiliary_name_scope = false});
       c.Is("c4", c.Const(vs4, "c"));
       c.Is("c5",
            c.Const(vs4.NameScope(vs4.variable_scope().original_name_scope),
                    "c"));
     },
     kBoth},
    {"E2.3",
     [](Case& c) {
       const Scope ns = c.root().NameScope("ns");
       c.Is("a", GetVariable(ns, "top", {1}));
       c.Is("b", MakeVariable(ns, 1.f, {.name = "w"}));
       const Scope foo2 = ns.VariableScope("foo2");
       c.Is("v", GetVariable(foo2, "v", {1}));
       c.Is("w", MakeVariable(foo2, 1.f, {.name = "w"}));
       c.Is("c", c.Const(foo2, "c"));
     },
     kBoth},
    {"E2.4",
     [](Case& c) {
       const auto layer = [](const Scope& s) {
         return GetVariable(s.DefaultVariableScope("fc"), "w", {1});
       };
       c.Is("a", layer(c.root()));
       c.Is("b", layer(c.root()));
       const Scope outer = c.root().VariableScope("outer");
       c.Is("c", layer(outer));
       c.Is("d", layer(outer));
     },
     kBoth},
    {"E2.5",
     [](Case& c) {
       for (int i : {0, 1}) {
         const std::string n = std::to_string(i);
         const Scope fc =
             c.root().NameScope("tower" + n).DefaultVariableScope("fc");
         c.Is("w" + n, GetVariable(fc, "w", {1}));
         c.Is("o" + n, c.Const(fc, "o"));
       }
     },
     kBoth},
    {"E2.7",
     [](Case& c) {
       const Scope vs = c.root().VariableScope("foo");
       c.Is("a", GetVariable(vs.DefaultVariableScope("bar"), "a", {1}));
       c.Is("b", GetVariable(vs.DefaultVariableScope("bar"), "b", {1}));
       const Scope bar = c.root().VariableScope(vs).DefaultVariableScope("bar");
       c.Is("c", GetVariable(bar, "c", {1}));
       c.Is("k", c.Const(bar, "k"));
     },
     kBoth},
    {"E2.8",
     [](Case& c) {
       const Scope root = c.root();
       const Scope e = root.VariableScope("foo").VariableScope("");
       c.Is("v", GetVariable(e, "v", {1}));
       c.Is("vo", c.Const(e, "vo"));
       const Scope e2 = root.VariableScope("");
       c.Is("u", GetVariable(e2, "u", {1}));
       c.Is("uo", c.Const(e2, "uo"));
       const Scope a = root.VariableScope("a"), r = a.VariableScope(root);
       c.Is("w", GetVariable(r, "w", {1}));
       c.Is("wo", c.Const(r, "wo"));
       const Scope r2 = a.VariableScope(a);
       c.Is("w2", GetVariable(r2, "w", {1}));
       c.Is("wo2", c.Const(r2, "wo"));
     },
     kBoth},
    {"E2.9",
     [](Case& c) {
       c.Const(c.root().NameScope("a"), "v");
       const Variable v = GetVariable(c.root().VariableScope("a"), "v", {2});
       c.Is("v", v);
       const Scope again = c.root().VariableScope("a", {.reuse = Reuse::kTrue});
       EXPECT_EQ(GetVariable(again, "v", {2}), v);
     },
     kBoth},
    {"R2.6",
     [](Case& c) {
       const Scope s = c.root().VariableScope("a/");
       c.Is("s", s);
       c.Is("v", GetVariable(s, "v", {1}));
       c.Is("c", c.Const(s, "c"));
       const Scope t = c.root().VariableScope("b//c");
       c.Is("w", GetVariable(t, "w", {1}));
       c.Is("d", c.Const(t, "c"));
     },
     kBoth},
    {"R2.10",
     [](Case& c) {
       const VariableScopeOptions bare = {.auxiliary_name_scope = false};
       const Scope n = c.root().NameScope("n");
       const Scope s = n.VariableScope("a", bare);
       c.Is("s", s);
       c.Is("v", GetVariable(s, "v", {1}));
       c.Is("c", c.Const(s, "c"));
       const Scope t = s.VariableScope("b");
       c.Is("t", t);
       c.Is("d", c.Const(t, "c"));
       c.Is("w", GetVariable(t, "w", {1}));
       const Scope u = n.DefaultVariableScope("d", bare);
       c.Is("u", u);
       c.Is("e", c.Const(u, "c"));
       const Scope x = n.VariableScope(s, bare);
       c.Is("x", x);
       c.Is("f", c.Const(x, "c"));
       const Scope y = c.root().VariableScope("q", bare);
       c.Is("y", y);
       c.Is("h", c.Const(y, "c"));
     },
     kBoth},
    {"R2.17",
     [](Case& c) {
       const Output a = c.Const(c.root(), "a");
       const auto inside = [&] {
         return c.root()
             .NameScope("ns")
             .WithDevice("/cpu:1")
             .WithControlDependencies({a});
       };
       c.Is("v", GetVariable(inside(), "v", {2}));
       c.Is("w", MakeVariable(inside(), {1.f, 2.f}, {.name = "w"}));
     },
     kBoth},
    {"R2.17-b",
     [](Case& c) {
       const Scope s = c.root().VariableScope("s");
       c.Is("a", GetVariable(s, "x/y", {1}));
       c.Is("b", GetVariable(s, "", {1}));
     },
     kBoth},
    {"R2.17-c",
     [](Case& c) { c.Is("a", ZerosVariable(c.root().VariableScope("s"), "")); },
     kBoth},
    {"R2.17-d",
     [](Case& c) {
       const Scope s = c.root();
       const Output a = c.Const(s, "a", 1.f);
       const Variable o = MakeVariable(s, 1.f, {.name = "o"});
       const Scope after = s.WithControlDependencies({a});
       c.Is("v", ZerosVariable(after, "v", {2}));
       c.Is("w", MakeVariable(after, 2.f, {.name = "w"}));
       c.Is("k", c.Const(after, "k", 3.f));
       const Scope with_o = s.ColocateWith(o);
       c.Is("u", ZerosVariable(with_o, "u", {2}));
       c.Is("t", MakeVariable(with_o, 4.f, {.name = "t"}));
     },
     kBoth},
    {"R2.18",
     [](Case& c) {
       const Scope s = c.root();
       GetVariable(s, "a", {1}, {.use_resource = true});
       GetVariable(s, "b", {1});
       const Scope r = s.VariableScope("s", {.use_resource = true});
       GetVariable(r, "c", {1});
       GetVariable(r, "d", {1}, {.use_resource = false});
       MakeVariable(r, 1.f, {.name = "e"});
       const Scope t = r.VariableScope("t", {.use_resource = false});
       GetVariable(t, "f", {1});
     }},
    {"R2.37",
     [](Case& c) {
       const Scope r = c.root();
       c.Is("a", MakeVariable(r, 1.f));
       c.Is("b", MakeVariable(r, 2.f));
       c.Is("c", MakeVariable(r, 3.f, {.name = "q/"}));
       c.Is("d", MakeVariable(r, 4.f, {.name = "Q"}));
       const Scope s = r.NameScope("s");
       c.Is("e", MakeVariable(s, 5.f, {.name = "x"}));
       c.Is("f", MakeVariable(s, 6.f, {.name = "x"}));
     },
     kBoth},
    {"R2.46",
     [](Case& c) {
       using Keys = std::vector<std::string>;
       const Scope s = c.root();
       GetVariable(s, "a", {1}, {.collections = Keys{"mine"}});
       GetVariable(s, "b", {1}, {.trainable = false});
       GetVariable(s, "c", {1},
                   {.collections = Keys{"mine", "trainable_variables"}});
       GetVariable(s, "d", {1}, {.collections = Keys{}});
       MakeVariable(
           s, 1.f,
           {.trainable = false, .collections = Keys{"mine"}, .name = "e"});
       GetVariable(s, "h", {1},
                   {.trainable = false, .collections = Keys{"mine"}});
       const auto names = [&](Name key) {
         std::string all;
         for (const CollectionItem& item : GetCollection(c.graph(), key)) {
           all += NameOf(item);
         }
         return all;
       };
       EXPECT_EQ(names("mine"), "aceh");
       EXPECT_EQ(names(kTrainableVariables), "acd");
       EXPECT_EQ(names(kGlobalVariables), "b");
     },
     kBoth},
    {"E2.11-a", [](Case& c) { MakeVariable(c.root(), 1.f, {.name = "v"}); },
     kBoth},
    {"E2.11-b",
     [](Case& c) {
       MakeVariable(c.root(), Zeros(c.root(), {2}, kFloat32), {.name = "v"});
     },
     kBoth},
    {"E2.11-c",
     [](Case& c) {
       MakeVariable(c.root(), 1.f);
       MakeVariable(c.root(), 2.f);
     },
     kBoth},
    {"E2.11-d", [](Case& c) { ZerosVariable(c.root(), "v", {3}); }, kBoth},
    {"E2.11-e",
     [](Case& c) { GetVariable(c.root(), "v", {}, {.initializer = 3.f}); },
     kBoth},
    {"E2.11-f",
     [](Case& c) {
       const Output k = c.Const(c.root(), "c", 3.f);
       GetVariable(c.root(), "v", {}, {.initializer = k});
     },
     kBoth},
    {"E2.11-g",
     [](Case& c) {
       GetVariable(c.root(), "v", {3, 2});
     },
     kBoth},
    {"E2.12",
     [](Case& c) {
       SetRandomSeed(c.graph(), 7);
       GetVariable(c.root(), "w", {2, 2});
       c.Is("seeds", SeedsOf(c, "w/Initializer/random_uniform/RandomUniform"));
     },
     kBoth},
    {"E11.20",
     [](Case& c) {
       SetRandomSeed(c.graph(), 5);
       const GetVariableOptions normal = {.initializer =
                                              TruncatedNormalInitializer()};
       GetVariable(c.root(), "a", {2}, normal);
       GetVariable(c.root(), "b", {2}, normal);
       c.Is("a", SeedsOf(c, "a/Initializer/truncated_normal/TruncatedNormal"));
       c.Is("b", SeedsOf(c, "b/Initializer/truncated_normal/TruncatedNormal"));
     },
     kBoth},
    {"R2.51",
     [](Case& c) {
       using Keys = std::vector<std::string>;
       const Scope s = c.root();
       c.Is("a", GetLocalVariable(s, "a", {1}));
       c.Is("b", GetLocalVariable(s, "b", {1}, {.collections = Keys{"mine"}}));
       c.Is("c", GetLocalVariable(s.VariableScope("s"), "c", {2},
                                  {.dtype = kInt32}));
       EXPECT_EQ(LocalVariables(c.graph()).size(), 3);
       EXPECT_EQ(GlobalVariables(c.graph()).size(), 0);
     },
     kBoth},
    {"E2.13",
     [](Case& c) {
       const Scope a =
           c.root().VariableScope("a", {.custom_getter = Appending("_o")});
       const Scope b = a.VariableScope("b", {.custom_getter = Appending("_i")});
       c.Is("v", ZerosVariable(b, "v"));
     },
     kBoth},
    {"R2.54",
     [](Case& c) {
       const VariableScopeOptions outer = {.custom_getter = Appending("_o")};
       c.Is("v", GetVariable(c.root().VariableScope("a", outer), "v", {1},
                             {.initializer = ZerosInitializer(),
                              .custom_getter = Appending("_m")}));
       const Scope s = c.root().VariableScope("a", outer);
       c.Is("w", ZerosVariable(c.root().VariableScope(
                                   s, {.custom_getter = Appending("_m")}),
                               "w"));
     },
     kBoth},
    {"R2.56",
     [](Case& c) {
       const CustomGetter fresh = [](const VariableGetter& getter,
                                     const Scope& s, const std::string& name,
                                     const Shape& shape,
                                     GetVariableOptions options) {
         options.reuse = std::nullopt;
         return getter(s, name, shape, options);
       };
       const Variable v = ZerosVariable(c.root(), "s/v");
       const Scope s = c.root().VariableScope(
           "s", {.reuse = Reuse::kTrue, .custom_getter = fresh});
       EXPECT_EQ(GetVariable(s, "v", {1}), v);
       c.Is("b", ZerosVariable(s, "made"));
     },
     kBoth},
    {"R1.60-b",
     [](Case& c) {
       const Variable v = GetVariable(c.root(), "v", {1});
       c.Const(c.root().ColocateWith(v), "a", 2);
       const Output read = v.Read(c.root());
       c.Const(c.root().ColocateWith(read), "b", 2);
     },
     kBoth},
    {"E11.8",
     [](Case& c) {
       const Scope s = c.root().VariableScope("a/b");
       c.Is("s", s);
       c.Is("v", GetVariable(s, "v", {1}));
       const Scope s2 = c.root().VariableScope(s, {.reuse = Reuse::kTrue});
       c.Is("s2", s2);
       c.Is("c", c.Const(s2, "c"));
     },
     kBoth},
    {"E11.9",
     [](Case& c) {
       for (const char* name : {"A", "a"}) {
         const std::string two = *name == 'a' ? "2" : "";
         const Scope s = c.root().VariableScope(name);
         c.Is("s" + two, s);
         c.Is("v" + two, GetVariable(s, "v", {1}));
         c.Is("c" + two, c.Const(s, "c"));
       }
     },
     kBoth},
    {"E11.10",
     [](Case& c) {
       const VariableScopeOptions automatic = {.reuse = Reuse::kAuto};
       const Scope s = c.root().VariableScope("s", automatic);
       const Variable a = GetVariable(s, "v", {1});
       EXPECT_EQ(GetVariable(s, "v", {1}), a);
       const Variable in_d = GetVariable(s.DefaultVariableScope("d"), "v", {1});
       c.Is("c", in_d);
       c.Is("d", GetVariable(s.DefaultVariableScope("d"), "v", {1}));
       const Scope again = c.root().VariableScope("s", automatic);
       EXPECT_EQ(GetVariable(again.DefaultVariableScope("d"), "v", {1}), in_d);
     },
     kBoth},
    {"E11.11",
     [](Case& c) {
       const Scope o = c.root().VariableScope("o");
       const Scope p = c.root().VariableScope("p", {.reuse = Reuse::kTrue});
       const Scope q = p.VariableScope(o);
       c.Is("q", q);
       c.Is("v", GetVariable(q, "v", {1}));
     },
     kBoth},
    {"E11.12",
     [](Case& c) {
       c.Is("a", MakeVariable(c.root(), 1.f, {.name = "v"}));
       c.Is("b", MakeVariable(c.root(), 1.f, {.name = "v"}));
       const Variable v = GetVariable(c.root(), "v", {1});
       c.Is("c", v);
       const Scope shared = c.root().VariableScope("", {.reuse = Reuse::kTrue});
       EXPECT_EQ(GetVariable(shared, "v", {1}), v);
     },
     kBoth},
    {"E11.13",
     [](Case& c) {
       const Scope n = c.root().VariableScope("m").NameScope("n");
       c.Is("v", GetVariable(n, "v", {1}));
       c.Is("w", MakeVariable(n, 1.f, {.name = "w"}));
       const Scope q = n.VariableScope("q");
       c.Is("u", GetVariable(q, "u", {1}));
       c.Is("k", c.Const(q, "k"));
     },
     kBoth},
};

class VariablesGoldenTest : public ::testing::TestWithParam<GoldenParam> {};

TEST_P(VariablesGoldenTest, MakesTensorFlowsNodes) { RunGolden(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Programs, VariablesGoldenTest,
                         ::testing::ValuesIn(AllFlavours(kPrograms)),
                         GoldenName);

}  // namespace
}  // namespace trellis::testing
