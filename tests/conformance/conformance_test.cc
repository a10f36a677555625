// Every op case on every device and data type, for many sizes.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "trellis/base/status_macros.h"
#include "trellis/base/team.h"
#include "trellis/graph/gradients.h"
#include "trellis/graph/graph_def.h"
#include "trellis/graph/indexed_slices.h"
#include "trellis/graph/scope.h"
#include "trellis/runtime/session.h"
#include "trellis/tests/conformance/array.h"
#include "trellis/tests/conformance/case_graph.h"
#include "trellis/tests/conformance/cases.h"
#include "trellis/tests/conformance/devices.h"
#include "trellis/tests/conformance/op_case.h"
#include "trellis/tests/status_matchers.h"

namespace trellis::testing {
namespace {

constexpr uint32_t kSeed = 20;

// Everyday, one of each, none, and sizes that leave a rest in every loop.
constexpr Sizes kSizes[] = {
    {3, 4, 5}, {1, 1, 1}, {0, 4, 5}, {3, 0, 1}, {17, 33, 7}};
// Several tiles.
constexpr Sizes kLargeSizes = {67, 521, 9};

std::vector<CaseVariant> TestedVariants() {
  std::vector<CaseVariant> all;
  for (absl::string_view type : TestedDeviceTypes()) {
    for (CaseVariant& variant :
         Variants(AllCases(), TestedOps(), TestedKernels(), type)) {
      all.push_back(std::move(variant));
    }
  }
  return all;
}

// Those of float64 whose op has a gradient.
std::vector<CaseVariant> DifferentiableVariants() {
  std::vector<CaseVariant> differentiable;
  for (CaseVariant& variant : TestedVariants()) {
    const OpSchema& schema = *TestedOps().Find(variant.op_case.op);
    const auto& outputs = variant.op_case.gradient_outputs;
    if (schema.gradient != nullptr && !variant.types.empty() &&
        variant.types[0].second == kFloat64 &&
        !(outputs.has_value() && outputs->empty())) {
      differentiable.push_back(std::move(variant));
    }
  }
  return differentiable;
}

std::string TestName(const ::testing::TestParamInfo<CaseVariant>& info) {
  return VariantName(info.param);
}

// Where there is none, the program says why.
TEST(TestedDevicesTest, HaveKernelsForCases) {
  EXPECT_EQ(TestedVariants().empty(), TestedDeviceTypes().empty());
  EXPECT_EQ(DifferentiableVariants().empty(), TestedDeviceTypes().empty());
}

class ConformanceTest : public ::testing::TestWithParam<CaseVariant> {
 protected:
  const OpCase& op_case() const { return GetParam().op_case; }
  const OpSchema& schema() const { return *TestedOps().Find(op_case().op); }

  std::vector<Array> MakeInputs(const Sizes& sizes) const {
    std::vector<Array> inputs;
    for (int i = 0; i < op_case().inputs.size(); ++i) {
      inputs.push_back(MakeInput(op_case().inputs[i],
                                 InputDType(GetParam(), schema(), i), sizes,
                                 kSeed + static_cast<uint32_t>(i)));
    }
    return inputs;
  }

  // Sizes that make a difference to this case.
  std::vector<Sizes> SizesToTest(bool large) const {
    std::vector<Sizes> wanted(std::begin(kSizes), std::end(kSizes));
    if (large &&
        (GetParam().types.empty() || GetParam().types[0].second == kFloat32)) {
      wanted.push_back(kLargeSizes);
    }
    std::vector<Sizes> sizes;
    std::vector<std::vector<Shape>> seen;
    for (const Sizes& s : wanted) {
      std::vector<Shape> shapes;
      for (const Array& input : MakeInputs(s)) shapes.push_back(input.shape);
      if (std::find(seen.begin(), seen.end(), shapes) != seen.end()) continue;
      seen.push_back(shapes);
      sizes.push_back(s);
    }
    return sizes;
  }

  Session::Registries registries() const {
    return {TestedKernels(), DevicesWith(GetParam().device_type)};
  }

  absl::StatusOr<std::vector<Tensor>> Run(const std::vector<Array>& inputs,
                                          Parameters parameters,
                                          SessionOptions options) const {
    Graph graph(TestedOps());
    TRELLIS_ASSIGN_OR_RETURN(const CaseRun run,
                             BuildCase(GetParam(), inputs, parameters, graph));
    return RunCase(graph, run, registries(), std::move(options));
  }

  absl::StatusOr<std::vector<Tensor>> RunLoaded(
      const std::vector<Array>& inputs) const {
    Graph graph(TestedOps());
    TRELLIS_ASSIGN_OR_RETURN(
        const CaseRun run,
        BuildCase(GetParam(), inputs, Parameters::kConstant, graph));
    TRELLIS_ASSIGN_OR_RETURN(const std::string file, ExportGraphDef(graph));
    TRELLIS_ASSIGN_OR_RETURN(const std::unique_ptr<Graph> loaded,
                             ImportGraphDef(file, TestedOps()));
    return RunCase(*loaded, run, registries(), {.threads = 0});
  }
};

std::string ToString(const Sizes& s) {
  return absl::StrCat("n=", s.n, " m=", s.m, " k=", s.k);
}

// Is each pair of tensors equal, bit for bit?
void ExpectSame(const absl::StatusOr<std::vector<Tensor>>& results,
                const std::vector<Tensor>& expected) {
  ASSERT_THAT(results, IsOk());
  ASSERT_EQ(results->size(), expected.size());
  for (int i = 0; i < expected.size(); ++i) {
    EXPECT_TRUE((*results)[i].SameAs(expected[i]))
        << "result " << i << ": " << (*results)[i].ToString() << ", not "
        << expected[i].ToString();
  }
}

// Relative to the largest element of the reference.
double LargestError(const Array& array, const Array& reference) {
  double error = 0, largest = 0;
  for (int64_t i = 0; i < std::min(array.size(), reference.size()); ++i) {
    if (!std::isfinite(reference[i])) continue;
    error = std::max(error, std::abs(array[i] - reference[i]));
    largest = std::max(largest, std::abs(reference[i]));
  }
  return largest == 0 ? error : error / largest;
}

TEST_P(ConformanceTest, AgreesWithTheReference) {
  double error = 0;
  for (const Sizes& sizes : SizesToTest(/*large=*/true)) {
    SCOPED_TRACE(ToString(sizes));
    const std::vector<Array> inputs = MakeInputs(sizes);
    const auto results = Run(inputs, Parameters::kConstant, {.threads = 0});
    ASSERT_THAT(results, IsOk());
    const std::vector<Array> references = op_case().reference(inputs).arrays;
    ASSERT_EQ(results->size(), references.size());
    for (int i = 0; i < references.size(); ++i) {
      const Array result = FromTensor((*results)[i]);
      EXPECT_EQ(Difference(result, references[i], op_case().tolerance), "")
          << "result " << i;
      error = std::max(error, LargestError(result, references[i]));
    }
  }
  // For the table of tools/gpu_check.
  if (GetParam().device_type == kGpu) {
    std::cout << "figure: largest error " << error << "\n";
  }
}

TEST_P(ConformanceTest, HasTheSameBitsHoweverItIsRun) {
  static Team* const one = new Team(1);
  static Team* const three = new Team(3);
  const auto shared = [](Team* team) {
    return std::shared_ptr<Team>(team, [](Team*) {});
  };
  for (const Sizes& sizes : SizesToTest(/*large=*/true)) {
    SCOPED_TRACE(ToString(sizes));
    const std::vector<Array> inputs = MakeInputs(sizes);
    const auto results = Run(inputs, Parameters::kConstant, {.threads = 0});
    ASSERT_THAT(results, IsOk());
    {
      SCOPED_TRACE("one thread");
      ExpectSame(Run(inputs, Parameters::kConstant, {.team = shared(one)}),
                 *results);
    }
    {
      SCOPED_TRACE("three threads, shapes known only when it runs");
      ExpectSame(Run(inputs, Parameters::kFed, {.team = shared(three)}),
                 *results);
    }
    {
      SCOPED_TRACE("no plan, not optimized");
      ExpectSame(Run(inputs, Parameters::kConstant,
                     {.threads = 0, .optimize = false, .plan = false}),
                 *results);
    }
    {
      SCOPED_TRACE("saved and loaded");
      ExpectSame(RunLoaded(inputs), *results);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Ops, ConformanceTest,
                         ::testing::ValuesIn(TestedVariants()), TestName);
// On a machine that lacks a program's device, which then says so itself.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ConformanceTest);

// ---- gradients

class GradientTest : public ConformanceTest {
 protected:
  // Is input i one to differentiate with respect to?
  bool IsDifferentiable(const std::vector<Array>& inputs, int i) const {
    return inputs[i].dtype == kFloat64 && !op_case().inputs[i].parameter;
  }

  // sum(w * y) over the outputs that are differentiated.
  double Loss(const std::vector<Array>& inputs,
              const std::vector<std::pair<int, Array>>& weights) const {
    const std::vector<Array> outputs = op_case().reference(inputs).arrays;
    double loss = 0;
    for (const auto& [output, w] : weights) {
      for (int64_t i = 0; i < w.size(); ++i) loss += w[i] * outputs[output][i];
    }
    return loss;
  }

  // Which outputs, and what weighs their elements.
  std::vector<std::pair<int, Array>> MakeWeights(const Node& op,
                                                 const Sizes& sizes) const {
    std::vector<std::pair<int, Array>> weights;
    const std::vector<Array> outputs =
        op_case().reference(MakeInputs(sizes)).arrays;
    for (int i = 0; i < op.num_outputs(); ++i) {
      const auto& wanted = op_case().gradient_outputs;
      if (wanted.has_value() &&
          std::find(wanted->begin(), wanted->end(), i) == wanted->end()) {
        continue;
      }
      if (!IsFloatingPoint(op.output_dtype(i))) continue;
      const std::string shape = absl::StrJoin(outputs[i].shape.dims(), ",");
      weights.push_back({i, MakeInput(Uniform(shape), op.output_dtype(i), sizes,
                                      kSeed + 100)});
    }
    return weights;
  }

  void CheckSizes(const Sizes& sizes, Parameters parameters);
  void CheckDirections(const std::vector<Array>& inputs,
                       const std::vector<std::pair<int, Array>>& weights,
                       int input, const Array& gradient) const;
};

// The derivative in each direction of a unit vector, or in a few directions at
// random where there are many.
void GradientTest::CheckDirections(
    const std::vector<Array>& inputs,
    const std::vector<std::pair<int, Array>>& weights, int input,
    const Array& gradient) const {
  const int64_t n = gradient.size();
  const bool all = n <= 64;
  for (int64_t direction = 0; direction < (all ? n : 4); ++direction) {
    Array v(kFloat64, gradient.shape);
    if (all) {
      v[direction] = 1;
    } else {
      v = MakeInput(Uniform(absl::StrJoin(gradient.shape.dims(), ",")),
                    kFloat64, kSizes[0],
                    kSeed + 200 + static_cast<uint32_t>(direction));
    }
    constexpr double kStep = 1e-5;
    std::vector<Array> ahead = inputs, behind = inputs;
    double derivative = 0, magnitude = 1;
    for (int64_t i = 0; i < n; ++i) {
      ahead[input][i] += kStep * v[i];
      behind[input][i] -= kStep * v[i];
      derivative += gradient[i] * v[i];
      magnitude += std::abs(gradient[i] * v[i]);
    }
    const double difference =
        (Loss(ahead, weights) - Loss(behind, weights)) / (2 * kStep);
    EXPECT_NEAR(derivative, difference, 1e-6 * magnitude)
        << "of input " << input << " in direction " << direction;
  }
}

void GradientTest::CheckSizes(const Sizes& sizes, Parameters parameters) {
  const std::vector<Array> inputs = MakeInputs(sizes);
  Graph graph(TestedOps());
  auto run = BuildCase(GetParam(), inputs, parameters, graph);
  ASSERT_THAT(run, IsOk());
  Node* op = graph.FindNode("op");
  const auto weights = MakeWeights(*op, sizes);
  const Scope scope = graph.root();
  GradientOptions options;
  std::vector<Output> ys;
  for (const auto& [output, w] : weights) {
    ys.push_back(op->output(output));
    const std::string name = absl::StrCat("w", output);
    Node* node = graph.AddNode(
        {.name = name,
         .op = "Placeholder",
         .attrs = {{"dtype", w.dtype}, {"shape", Shape::OfRank(w.rank())}}});
    options.grad_ys.push_back(node->output());
    run->feeds.push_back({name, ToTensor(w)});
  }
  std::vector<int> differentiated;
  std::vector<Output> xs;
  for (int i = 0; i < inputs.size(); ++i) {
    if (!IsDifferentiable(inputs, i)) continue;
    differentiated.push_back(i);
    xs.push_back(op->input(i));
  }
  const auto gradients = AddGradients(scope, ys, xs, options);
  ASSERT_THAT(gradients, IsOk());
  run->fetches.clear();
  run->targets.clear();
  for (const Gradient& gradient : *gradients) {
    if (!gradient) continue;
    const Output dense = gradient.slices() == nullptr
                             ? gradient.output()
                             : Densify(scope, *gradient.slices(), "dense");
    run->fetches.push_back(dense.name());
  }
  ASSERT_THAT(graph.status(), IsOk());
  const auto results = RunCase(graph, *run, registries(), {.threads = 0});
  ASSERT_THAT(results, IsOk());
  ExpectSame(RunCase(graph, *run, registries(),
                     {.threads = 0, .optimize = false, .plan = false}),
             *results);
  int next = 0;
  for (int i = 0; i < xs.size(); ++i) {
    const int input = differentiated[i];
    Array gradient(kFloat64, inputs[input].shape);  // none: zero
    if ((*gradients)[i]) gradient = FromTensor((*results)[next++]);
    ASSERT_EQ(gradient.shape, inputs[input].shape) << "of input " << input;
    CheckDirections(inputs, weights, input, gradient);
  }
}

TEST_P(GradientTest, AgreesWithFiniteDifferences) {
  for (const Sizes& sizes : SizesToTest(/*large=*/false)) {
    SCOPED_TRACE(ToString(sizes));
    CheckSizes(sizes, Parameters::kConstant);
  }
}

TEST_P(GradientTest, IsTheSameWhereParametersAreFed) {
  CheckSizes(kSizes[0], Parameters::kFed);
}

INSTANTIATE_TEST_SUITE_P(Ops, GradientTest,
                         ::testing::ValuesIn(DifferentiableVariants()),
                         TestName);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(GradientTest);

}  // namespace
}  // namespace trellis::testing
