// What variables start as, and assignments, regularizers and partitions,
// against what TensorFlow 1.15 recorded, for both kinds of variables.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "trellis/graph/initializers.h"
#include "trellis/graph/op_builder.h"
#include "trellis/graph/partition.h"
#include "trellis/graph/regularizers.h"
#include "trellis/graph/variable_store.h"
#include "trellis/tests/graph/golden_case.h"

namespace trellis::testing {
namespace {

using Case = GoldenCase;
constexpr Flavours kBoth = Flavours::kBoth, kRef = Flavours::kRef;

// Most goldens say so, to have fewer nodes.
Variable ZerosVariable(const Scope& s, Name name, const Shape& shape = {1}) {
  return GetVariable(s, name, shape, {.initializer = ZerosInitializer()});
}

const std::vector<GoldenProgram> kPrograms = {
    {"R2.36",
     [](Case& c) {
       const Scope s = c.root();
       c.Is("a",
            GetVariable(s, "a", {2, 2},
                        {.initializer = ConstantInitializer({1, 2, 3, 4})}));
       c.Is("b", GetVariable(s, "b", {4},
                             {.initializer = ConstantInitializer({1, 2})}));
       c.Is("c", GetVariable(
                     s, "c", {3},
                     {.dtype = kInt32, .initializer = ConstantInitializer(7)}));
       c.Is("f", GetVariable(s, "f", {2000},
                             {.initializer = ConstantInitializer(1)}));
     },
     kRef},
    {"R2.38",
     [](Case& c) {
       const Scope s = c.root();
       c.Is("v", MakeVariable(s, 1.f, {.name = "v"}));
       c.Is("w", MakeVariable(s, c.Const(s, "c", {1, 2}), {.name = "w"}));
       c.Is("u", MakeVariable(s, {{0.0, 0.0}, {0.0, 0.0}},
                              {.dtype = kFloat64, .name = "u"}));
     },
     kBoth},
    {"R2.39",
     [](Case& c) {
       const Scope s = c.root();
       c.Is("v", MakeVariable(s,
                              [&](const Scope& i) {
                                return c.Const(i, "Const", {1.f, 2.f});
                              },
                              {.name = "v"}));
       c.Is("w",
            MakeVariable(s, [](const Scope&) { return 3.f; }, {.name = "w"}));
       const Scope cpu = s.WithDevice("/cpu:1");
       c.Is("u", MakeVariable(
                     cpu, [&](const Scope& i) { return c.Const(i, "k", 1.f); },
                     {.name = "u"}));
       c.Is("t", MakeVariable(cpu, c.Const(cpu, "lit", 2.f), {.name = "t"}));
       c.Is("s", MakeVariable(cpu, 2.f, {.name = "s"}));
       c.Is("g", ZerosVariable(cpu, "g", {2}));
     },
     kBoth},
    {"R2.49-a",
     [](Case& c) {
       GetVariable(c.root(), "v", {2},
                   {.initializer = ZerosInitializer(),
                    .regularizer = L2Regularizer(0.1)});
     },
     kBoth},
    {"R2.49-b",
     [](Case& c) {
       GetVariable(c.root(), "v", {2},
                   {.initializer = ZerosInitializer(),
                    .regularizer = L1Regularizer(0.1)});
     },
     kBoth},
    {"R2.65",
     [](Case& c) {
       const Scope s = c.root();
       const Variable v = ZerosVariable(s, "v");
       c.Is("i1", GlobalVariablesInitializer(s));
       ZerosVariable(s.WithDevice("/cpu:1"), "w");
       c.Is("i2", GlobalVariablesInitializer(s));
       c.Is("i3", LocalVariablesInitializer(s));
       c.Is("i4", VariablesInitializer(s, {}));
       c.Is("i5", VariablesInitializer(s, {v}, "mine"));
       GetLocalVariable(s, "l", {1}, {.initializer = ZerosInitializer()});
       c.Is("i7", LocalVariablesInitializer(s));
       c.Is("i8", GlobalVariablesInitializer(s.NameScope("ns")));
     },
     kBoth},
    {"R2.25",
     [](Case& c) {
       const Scope s = c.root();
       c.Is("a", GetVariable(s, "a", {}, {.initializer = [&](const Scope& i) {
                               return c.Const(i, "Const", {1, 2, 3});
                             }}));
       c.Is("b", ZerosVariable(s, "b", {2}));
       c.Is("c", GetVariable(s, "c", {}, {.initializer = [](const Scope&) {
                               return 5.f;
                             }}));
       c.Is("d", GetVariable(s, "d", {2}, {.initializer = OnesInitializer()}));
     },
     kBoth},
    {"R2.47",
     [](Case& c) {
       using V = VarianceScaling;
       const Scope s = c.root();
       const auto get = [&](Name name, const Shape& shape,
                            Initializer initializer, DType dtype = kInvalid) {
         GetVariable(s, name, shape,
                     {.dtype = dtype, .initializer = std::move(initializer)});
       };
       get("a", {999}, ZerosInitializer());
       get("b", {1000}, ZerosInitializer());
       get("c", {2}, OnesInitializer());
       get("d", {1000}, OnesInitializer());
       get("e", {2}, ConstantInitializer(5.f));
       get("f", {2}, RandomUniformInitializer());
       get("h", {2}, RandomNormalInitializer());
       get("i", {2}, TruncatedNormalInitializer());
       get("j", {2, 2}, VarianceScalingInitializer({}));
       get("k", {2}, RandomUniformInitializer(0, 5), kInt32);
       get("l", {2, 2}, HeNormal());
       get("m", Shape::Scalar(), ZerosInitializer());
       get("n", {2}, {}, kInt32);
       get("o", {2}, {}, kBool);
       get("p", {2}, {}, kString);
       get("q", {2, 2},
           VarianceScalingInitializer({.distribution = V::kUntruncatedNormal}));
       get("r", {2, 2},
           VarianceScalingInitializer({.distribution = V::kUniform}));
       get("s", {0}, ZerosInitializer());
       get("t", {2, 2}, UniformUnitScaling());
     },
     kBoth},
    {"E2.14",
     [](Case& c) {
       const Variable v = GetVariable(c.root(), "v", {5, 2},
                                      {.initializer = ZerosInitializer(),
                                       .partitioner = FixedSizePartitioner(2)});
       EXPECT_EQ(v.parts()[1].info()->partition.offset,
                 (std::vector<int64_t>{3, 0}));
       EXPECT_EQ(v.parts()[1].info()->full_name, "v");
       c.Is("t", v.Read(c.root()));
     },
     kBoth},
    {"R2.58",
     [](Case& c) {
       for (auto [dim, n] :
            {std::pair(5, 2), std::pair(7, 3), std::pair(10, 4),
             std::pair(4, 4), std::pair(3, 1), std::pair(11, 4)}) {
         GetVariable(c.root(),
                     "v_" + std::to_string(dim) + "_" + std::to_string(n),
                     {dim},
                     {.initializer = ZerosInitializer(),
                      .partitioner = FixedSizePartitioner(n)});
       }
     },
     kRef},
    {"R2.59",
     [](Case& c) {
       const Scope s = c.root();
       const Output k = c.Const(s, "c", {{1.f, 2.f}, {3.f, 4.f}, {5.f, 6.f}});
       GetVariable(s, "a", {},
                   {.initializer = k, .partitioner = FixedSizePartitioner(2)});
       GetVariable(s, "b", {4, 2}, {.partitioner = FixedSizePartitioner(2)});
     },
     kBoth},
    {"R2.63-b",
     [](Case& c) {
       const Scope s = c.root();
       const Variable v = ZerosVariable(s, "v", {2});
       v.AssignAdd(s, {1.f, 2.f});
       v.AssignSub(s.WithControlDependencies({v.initializer()}), {1.f, 1.f});
       GlobalVariablesInitializer(s);
     },
     kBoth},
    {"R2.67",
     [](Case& c) {
       const Scope s = c.root();
       const Variable v = ZerosVariable(s, "v", {2});
       const Output r = v.ReadValue(s);
       c.Is("r", r);
       Node* a = v.AssignAdd(s.WithControlDependencies({r}), {1.f, 1.f});
       const Scope after = s.WithControlDependencies({a});
       Emit(after, "Identity", {r}, {}, "r2");
       c.Is("r3", v.ReadValue(after));
     },
     kBoth},
};

class InitialValuesGoldenTest : public ::testing::TestWithParam<GoldenParam> {};

TEST_P(InitialValuesGoldenTest, MakesTensorFlowsNodes) {
  RunGolden(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Programs, InitialValuesGoldenTest,
                         ::testing::ValuesIn(AllFlavours(kPrograms)),
                         GoldenName);

}  // namespace
}  // namespace trellis::testing
