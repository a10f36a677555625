// Optimizers give TensorFlow's numbers and nodes
// (tf_semantics_goldens/optimizers.json).
#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/collections.h"
#include "trellis/graph/expr.h"
#include "trellis/graph/op_builder.h"
#include "trellis/graph/variable_store.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/io/whole_file.h"
#include "trellis/nn/adam.h"
#include "trellis/nn/gradient_descent.h"
#include "trellis/nn/momentum.h"
#include "trellis/nn/reduce_mean.h"
#include "trellis/ops/matmul_ops.h"
#include "trellis/ops/placeholder_ops.h"
#include "trellis/ops/reduce_ops.h"
#include "trellis/ops/unary_ops.h"
#include "trellis/tests/json.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/tests/test_data.h"
#include "trellis/trellis.h"

namespace trellis::nn {
namespace {

using ::testing::ElementsAreArray;
using ::trellis::testing::IsOk;
using ::trellis::testing::Json;
using ::trellis::testing::TestDataPath;

using MakeOptimizer = std::function<std::unique_ptr<Optimizer>()>;

struct Named {
  const char* name;
  MakeOptimizer make;
};

const std::vector<Named>& Optimizers() {
  static const auto* const optimizers = new std::vector<Named>{
      {"GradientDescent",
       [] { return std::make_unique<GradientDescent>(0.1); }},
      {"Momentum", [] { return std::make_unique<Momentum>(0.1, 0.9); }},
      {"Momentum nesterov",
       [] {
         return std::make_unique<Momentum>(
             0.1, 0.9, MomentumOptions{.use_nesterov = true});
       }},
      {"Adam", [] { return std::make_unique<Adam>(); }},
      {"Adam other",
       [] {
         return std::make_unique<Adam>(AdamOptions{.learning_rate = 0.05,
                                                   .beta1 = 0.8,
                                                   .beta2 = 0.9,
                                                   .epsilon = 0.1});
       }},
  };
  return *optimizers;
}

class OptimizerGoldenTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string path =
        TestDataPath("tf_semantics_goldens/optimizers.json");
    if (path.empty()) GTEST_SKIP() << "TRELLIS_TEST_DATA is not set";
    const auto text = ReadWholeFile(PosixFileSystem::Get(), path);
    ASSERT_THAT(text, IsOk());
    auto json = Json::Parse(*text);
    ASSERT_THAT(json, IsOk());
    file_ = *std::move(json);
  }

  const Json& Case(absl::string_view kind, absl::string_view name,
                   absl::string_view dtype = "") const {
    for (const Json& c : file_["cases"].array()) {
      if (c["kind"].string() == kind && c["name"].string() == name &&
          c["dtype"].string() == dtype && !c["sparse"].boolean()) {
        return c;
      }
    }
    ADD_FAILURE() << "no case " << kind << " " << name;
    static const Json* const none = new Json();
    return *none;
  }

  Json file_;
};

std::vector<double> Numbers(const Json& json) {
  if (json.array().empty()) return {json.number()};
  std::vector<double> numbers;
  for (const Json& element : json.array()) {
    for (double number : Numbers(element)) numbers.push_back(number);
  }
  return numbers;
}

Tensor TensorOf(const std::vector<double>& numbers, DType dtype,
                const Shape& shape) {
  if (dtype == kFloat64) return Tensor::FromSpan<double>(numbers, shape);
  const std::vector<float> floats(numbers.begin(), numbers.end());
  return Tensor::FromSpan<float>(floats, shape);
}

std::vector<double> Doubles(const Tensor& tensor) {
  switch (tensor.dtype()) {
    case kFloat32:
      return {tensor.flat<float>().begin(), tensor.flat<float>().end()};
    case kFloat64:
      return {tensor.flat<double>().begin(), tensor.flat<double>().end()};
    default: {
      const std::vector<int64_t> integers = IntegersOf(tensor);
      return {integers.begin(), integers.end()};
    }
  }
}

TEST_F(OptimizerGoldenTest, TenStepsGiveTensorFlowsNumbers) {
  for (const auto& [name, make] : Optimizers()) {
    for (const DType dtype : {kFloat32, kFloat64}) {
      for (const bool resource : {false, true}) {
        SCOPED_TRACE(absl::StrCat(name, " ", DTypeName(dtype), " ",
                                  resource ? "resource" : "ref"));
        const Json& golden = Case("steps", name, DTypeName(dtype));
        Graph graph = NewGraph({.tf115 = !resource});
        const Scope s = graph.root();
        const Shape shape = {3, 2};
        const Variable w = GetVariable(
            s, "w", Shape(),
            {.initializer = TensorOf(Numbers(file_["initial"]), dtype, shape)});
        const Variable step = GetVariable(
            s, "global_step", Shape(),
            {.initializer = Tensor::Scalar(int64_t{0}), .trainable = false});
        const Output gradient = ops::Placeholder(s, dtype, {.shape = shape});
        Node* train =
            make()->ApplyGradients(s, {{gradient, w}}, {.global_step = step});
        Node* init = GlobalVariablesInitializer(s);
        ASSERT_THAT(graph.status(), IsOk());
        Fetches values;
        for (const Variable& v : GlobalVariables(graph)) {
          values.push_back(v.snapshot());
          EXPECT_EQ(v.name(), golden["variables"][values.size() - 1].string());
        }

        const auto session = NewSession(graph, {.threads = 0});
        ASSERT_THAT(session, IsOk());
        ASSERT_THAT((*session)->Run(init), IsOk());
        for (int t = 0; t <= 10; ++t) {
          if (t > 0) {
            const Tensor fed =
                TensorOf(Numbers(file_["gradients"][t - 1]), dtype, shape);
            ASSERT_THAT((*session)->Run({{gradient, fed}}, train), IsOk());
          }
          const auto got = (*session)->Run({}, values);
          ASSERT_THAT(got, IsOk());
          for (size_t v = 0; v < got->size(); ++v) {
            const std::vector<double> a = Doubles((*got)[v]),
                                      b = Numbers(golden["values"][t][v]);
            ASSERT_EQ(a.size(), b.size());
            for (size_t i = 0; i < a.size(); ++i) {
              const double tolerance =
                  (*got)[v].dtype() == kFloat64 ? 1e-12 : 1e-6;
              EXPECT_NEAR(a[i], b[i], tolerance * std::max(1.0, std::abs(b[i])))
                  << "step " << t << ", variable " << v << ", element " << i;
            }
          }
        }
      }
    }
  }
}

// "name op (inputs)", control inputs sorted.
std::vector<std::string> NodesOf(const Json& golden) {
  std::vector<std::string> lines;
  for (const Json& node : golden["nodes"].array()) {
    std::vector<std::string> inputs;
    for (const Json& input : node[2].array()) inputs.push_back(input.string());
    lines.push_back(absl::StrCat(node[0].string(), " ", node[1].string(), " (",
                                 absl::StrJoin(inputs, ", "), ")"));
  }
  return lines;
}

std::vector<std::string> NodesOf(const Graph& graph) {
  std::vector<std::string> lines;
  for (const Node* node : graph.nodes()) {
    std::vector<std::string> inputs, controls;
    for (Output input : node->inputs()) {
      inputs.push_back(input.index == 0 ? input.node->name() : input.name());
    }
    for (const Node* control : node->control_inputs()) {
      controls.push_back(absl::StrCat("^", control->name()));
    }
    std::sort(controls.begin(), controls.end());
    inputs.insert(inputs.end(), controls.begin(), controls.end());
    lines.push_back(absl::StrCat(node->name(), " ", node->op(), " (",
                                 absl::StrJoin(inputs, ", "), ")"));
  }
  return lines;
}

// The losses of gen_optimizers.py.
Output MatMulLoss(const Scope& s) {
  const Output x =
      ops::Placeholder(s, kFloat32, {.shape = {4, 3}, .name = "x"});
  const Output y =
      ops::MatMul(s, x, GetVariable(s, "w", {3, 2}), {.name = "y"});
  return ReduceMean(s, ops::Square(s, y), "loss");
}

Output SumOfSquares(const Scope& s, const Variable& w,
                    absl::string_view name = "Sum") {
  const Output squares = ops::Square(s, w);
  std::vector<int32_t> axes;
  for (int i = 0; i < w.shape().rank(); ++i) axes.push_back(i);
  const Output all = ToOutput(s, axes, "Const", kInt32);
  return ops::Sum(s, squares, all, {.name = std::string(name)});
}

Output SumOfProducts(const Scope& s) {
  const Variable a = GetVariable(s, "a", {2}), b = GetVariable(s, "b", {2});
  const Output product = s(a) * b;
  const Output all = ToOutput(s, std::vector<int32_t>{0}, "Const", kInt32);
  return ops::Sum(s, product, all, {.name = "l"});
}

Variable IntegerStep(const Scope& s) {
  return GetVariable(s, "global_step", Shape(),
                     {.initializer = Constant(s, Tensor::Scalar(int64_t{0})),
                      .trainable = false});
}

struct Structure {
  const char* name;
  bool resource;
  std::function<void(const Scope&)> build;
};

TEST_F(OptimizerGoldenTest, MinimizeMakesTensorFlowsNodes) {
  std::vector<Structure> structures = {
      {"E7.1", false,
       [](const Scope& s) { GradientDescent(0.1).Minimize(s, MatMulLoss(s)); }},
      {"E11.3", false,
       [](const Scope& s) {
         Momentum(0.1, 0.9).Minimize(s,
                                     SumOfSquares(s, GetVariable(s, "w", {2})));
       }},
      {"E11.17", false,
       [](const Scope& s) {
         GradientDescent(0.1).Minimize(s, SumOfProducts(s), {.name = "train"});
       }},
      {"GATE_NONE", false,
       [](const Scope& s) {
         GradientDescent(0.1).Minimize(s, SumOfProducts(s),
                                       {.gate = Gate::kNone});
       }},
      {"GATE_GRAPH", false,
       [](const Scope& s) {
         GradientDescent(0.1).Minimize(s, SumOfProducts(s),
                                       {.gate = Gate::kGraph});
       }},
      {"colocated", false,
       [](const Scope& s) {
         Momentum(0.1, 0.9).Minimize(s, SumOfProducts(s),
                                     {.colocate_with_ops = true});
       }},
      {"in scopes", false,
       [](const Scope& root) {
         const Scope net = root.VariableScope("net");
         const Variable w = GetVariable(net, "w", {2});
         const Scope s = net.NameScope("train");
         Adam().Minimize(s, SumOfSquares(s, w));
       }},
      {"two optimizers", false,
       [](const Scope& s) {
         const Output loss = SumOfSquares(s, GetVariable(s, "w", {2}));
         Adam().Minimize(s, loss);
         Adam().Minimize(s, loss);
       }},
  };
  for (const bool resource : {false, true}) {
    structures.push_back(
        {resource ? "E7.2 resource" : "E7.2", resource, [](const Scope& s) {
           const Output loss = MatMulLoss(s);
           Adam().Minimize(s, loss, {.global_step = IntegerStep(s)});
         }});
  }
  for (const Structure& structure : structures) {
    SCOPED_TRACE(structure.name);
    const Json& golden = Case("structure", structure.name);
    Graph graph = NewGraph({.tf115 = !structure.resource, .seed = 1});
    structure.build(graph.root());
    ASSERT_THAT(graph.status(), IsOk());
    EXPECT_THAT(NodesOf(graph), ElementsAreArray(NodesOf(golden)));
    std::vector<std::string> train, golden_train;
    for (Node* node : trellis::NodesOf(GetCollection(graph, kTrainOp))) {
      train.push_back(node->name());
    }
    for (const Json& name : golden["collections"]["train_op"].array()) {
      golden_train.push_back(name.string());
    }
    EXPECT_EQ(train, golden_train);
  }
}

}  // namespace
}  // namespace trellis::nn
