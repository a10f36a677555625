#include "trellis/nn/batch_norm.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/collections.h"
#include "trellis/graph/gradients.h"
#include "trellis/graph/partition.h"
#include "trellis/graph/variable_store.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/io/whole_file.h"
#include "trellis/ops/placeholder_ops.h"
#include "trellis/tests/json.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/tests/test_data.h"
#include "trellis/trellis.h"

namespace trellis::nn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::trellis::testing::IsOk;
using ::trellis::testing::Json;
using ::trellis::testing::StatusIs;
using ::trellis::testing::TestDataPath;

std::vector<std::string> UpdateOps(Graph& graph) {
  std::vector<std::string> names;
  for (Node* node : NodesOf(GetCollection(graph, kUpdateOps))) {
    names.push_back(node->name());
  }
  return names;
}

class BatchNormTest : public ::testing::Test {
 protected:
  Output Placeholder(Shape shape) {
    return ops::Placeholder(s_, kFloat32, {.shape = shape, .name = "x"});
  }

  Graph graph_ = NewGraph({.tf115 = true});
  Scope s_ = graph_.root();
};

TEST_F(BatchNormTest, MovingStatisticsAreUpdatedByOpsOfTheCollection) {
  BatchNorm(s_, Placeholder({-1, 3}), true, {.scope = "bn"});
  ASSERT_THAT(graph_.status(), IsOk());
  EXPECT_THAT(UpdateOps(graph_),
              ElementsAre("bn/AssignMovingAvg", "bn/AssignMovingAvg_1"));
  EXPECT_FALSE(FindVariable(graph_, "bn/moving_mean").trainable());
  EXPECT_FALSE(FindVariable(graph_, "bn/moving_variance").trainable());
  EXPECT_TRUE(FindVariable(graph_, "bn/gamma").trainable());
}

TEST_F(BatchNormTest, InferenceUpdatesNothing) {
  const Output x = Placeholder({-1, 3});
  BatchNorm(s_, x, true, {.scope = "bn"});
  const size_t training = UpdateOps(graph_).size();
  BatchNorm(s_, x, false, {.reuse = Reuse::kTrue, .scope = "bn"});
  ASSERT_THAT(graph_.status(), IsOk());
  EXPECT_EQ(UpdateOps(graph_).size(), training);
  EXPECT_EQ(GlobalVariables(graph_).size(), 4u);
}

TEST_F(BatchNormTest, MovingStatisticsAreWholeWhereVariablesAreInParts) {
  // R8.4
  const Scope parts =
      s_.VariableScope("p", {.partitioner = FixedSizePartitioner(2)});
  BatchNorm(parts, Placeholder({-1, 4}), true, {.scope = "bn"});
  ASSERT_THAT(graph_.status(), IsOk());
  std::vector<std::string> names;
  for (const Variable& v : GlobalVariables(graph_)) names.push_back(v.name());
  EXPECT_THAT(names, ElementsAre("p/bn/gamma/part_0", "p/bn/gamma/part_1",
                                 "p/bn/beta/part_0", "p/bn/beta/part_1",
                                 "p/bn/moving_mean", "p/bn/moving_variance"));
}

TEST_F(BatchNormTest, RefusesWhatItCannotNormalize) {
  BatchNorm(s_, Placeholder({4, -1}), true);
  EXPECT_THAT(graph_.status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("known channels")));
}

TEST_F(BatchNormTest, RefusesAMomentumThatIsNone) {
  BatchNorm(s_, Placeholder({4, 2}), true, {.momentum = 1.5});
  EXPECT_THAT(graph_.status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("momentum is 1.5")));
}

TEST_F(BatchNormTest, RefusesAnEpsilonThatDividesByZero) {
  BatchNorm(s_, Placeholder({4, 2}), true, {.epsilon = 0});
  EXPECT_THAT(graph_.status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("epsilon is 0")));
}

// ---- tf_semantics_goldens/batch_norm.json

struct GoldenCase {
  const char* name;
  bool resource;
  std::function<Output(const Scope&, Output)> build;
};

std::vector<GoldenCase> GoldenCases() {
  const auto bn = [](bool training, BatchNormOptions options) {
    return [=](const Scope& s, Output x) {
      return BatchNorm(s, x, training, options);
    };
  };
  return {
      {"composed rank 2 training", false, bn(true, {.momentum = 0.9})},
      {"composed NHWC training", false, bn(true, {.momentum = 0.9})},
      {"composed rank 2 inference", false, bn(false, {.momentum = 0.9})},
      {"composed NHWC inference", false, bn(false, {.momentum = 0.9})},
      {"composed NHWC small epsilon", false, bn(true, {.epsilon = 1e-7})},
      {"composed float64", false, bn(true, {.momentum = 0.9})},
      {"rank 4 float64 not fused", false, bn(true, {.momentum = 0.9})},
      {"no center, no scale", false,
       bn(true, {.center = false, .scale = false})},
      {"no scale", false, bn(true, {.scale = false})},
      {"rank 3", false, bn(true, {.momentum = 0.9})},
      {"unknown batch composed", false, bn(true, {.momentum = 0.9})},
      {"two layers", false,
       [](const Scope& s, Output x) {
         return BatchNorm(s, BatchNorm(s, x, true), true);
       }},
      {"in scopes", false,
       [](const Scope& s, Output x) {
         return BatchNorm(s.VariableScope("a").NameScope("b"), x, true);
       }},
      {"resource composed training", true,
       [](const Scope& s, Output x) {
         return BatchNorm(s.VariableScope("r"), x, true, {.momentum = 0.9});
       }},
  };
}

Tensor TensorOf(const Json& array) {
  std::vector<int64_t> dims;
  for (const Json& d : array["shape"].array()) dims.push_back(d.number());
  std::vector<double> numbers;
  for (const Json& n : array["data"].array()) numbers.push_back(n.number());
  const Shape shape{absl::Span<const int64_t>(dims)};
  if (array["dtype"].string() == "float64") {
    return Tensor::FromSpan<double>(numbers, shape);
  }
  const std::vector<float> floats(numbers.begin(), numbers.end());
  return Tensor::FromSpan<float>(floats, shape);
}

double At(const Tensor& tensor, int64_t i) {
  return tensor.dtype() == kFloat64 ? tensor.flat<double>()[i]
                                    : tensor.flat<float>()[i];
}

void ExpectNear(const Tensor& got, const Json& golden) {
  const Tensor expected = TensorOf(golden);
  ASSERT_EQ(got.dtype(), expected.dtype());
  ASSERT_EQ(got.shape(), expected.shape());
  const double tolerance = got.dtype() == kFloat64 ? 1e-10 : 2e-5;
  for (int64_t i = 0; i < got.num_elements(); ++i) {
    const double e = At(expected, i);
    EXPECT_NEAR(At(got, i), e, tolerance * std::max(1.0, std::abs(e))) << i;
  }
}

class BatchNormGoldenTest : public ::testing::TestWithParam<GoldenCase> {
 protected:
  void SetUp() override {
    const std::string path =
        TestDataPath("tf_semantics_goldens/batch_norm.json");
    if (path.empty()) GTEST_SKIP() << "TRELLIS_TEST_DATA is not set";
    const auto text = ReadWholeFile(PosixFileSystem::Get(), path);
    ASSERT_THAT(text, IsOk());
    auto json = Json::Parse(*text);
    ASSERT_THAT(json, IsOk());
    for (const Json& c : (*json)["cases"].array()) {
      if (c["kind"].string() == "layer" &&
          c["name"].string() == GetParam().name) {
        golden_ = c;
      }
    }
    ASSERT_TRUE(golden_.is_object());
    Build();
  }

  void Build() {
    const Json& first = golden_["steps"][0];
    const Tensor sample = TensorOf(first["x"]);
    Shape shape = sample.shape();
    if (golden_["static_shape"][0].is_null()) shape.set_dim(0, kUnknownDim);
    x_ = ops::Placeholder(s_, sample.dtype(), {.shape = shape, .name = "x"});
    y_ = GetParam().build(s_, x_);
    ASSERT_THAT(graph_.status(), IsOk());
  }

  Json golden_;
  Graph graph_ = NewGraph({.tf115 = !GetParam().resource, .seed = 3});
  Scope s_ = graph_.root();
  Output x_, y_;
};

TEST_P(BatchNormGoldenTest, NodesAreTensorFlows) {
  std::vector<std::string> got, expected;
  for (const Node* node : graph_.nodes()) {
    if (node->name() == "x") continue;
    std::string line = absl::StrCat(node->op(), " ", node->name(), ":");
    for (Output input : node->inputs()) {
      absl::StrAppend(&line, " ", input.node->name());
    }
    got.push_back(line);
  }
  for (const Json& node : golden_["nodes"].array()) {
    std::string line =
        absl::StrCat(node[1].string(), " ", node[0].string(), ":");
    for (const Json& input : node[2].array()) {
      if (input.string()[0] != '^') absl::StrAppend(&line, " ", input.string());
    }
    expected.push_back(line);
  }
  EXPECT_EQ(got, expected);
  expected.clear();
  for (const Json& name : golden_["update_ops"].array()) {
    expected.push_back(name.string().substr(0, name.string().find(':')));
  }
  EXPECT_EQ(UpdateOps(graph_), expected);
}

TEST_P(BatchNormGoldenTest, NumbersAreTensorFlows) {
  std::vector<GradientTarget> targets = {x_};
  for (const Variable& v : TrainableVariables(graph_)) targets.push_back(v);
  const Output upstream =
      ops::Placeholder(s_, x_.dtype(), {.shape = x_.shape()});
  const auto gradients =
      AddGradients(s_, {y_}, targets, {.grad_ys = {upstream}});
  ASSERT_THAT(gradients, IsOk());
  std::vector<Node*> assigns;
  for (const Variable& v : GlobalVariables(graph_)) {
    assigns.push_back(v.Assign(s_, TensorOf(golden_["initial"][v.name()])).op);
  }
  const auto session = NewSession(graph_, {.threads = 0});
  ASSERT_THAT(session, IsOk());
  for (Node* assign : assigns) ASSERT_THAT((*session)->Run(assign), IsOk());

  Fetches gradient_fetches;
  for (const Gradient& g : *gradients) gradient_fetches.push_back(g.output());
  Targets updates;
  for (Node* update : NodesOf(GetCollection(graph_, kUpdateOps))) {
    updates.push_back(update);
  }
  for (const Json& step : golden_["steps"].array()) {
    const Tensor x = TensorOf(step["x"]);
    const auto got = (*session)->Run(
        {{x_, x}, {upstream, TensorOf(step["upstream"])}}, gradient_fetches);
    ASSERT_THAT(got, IsOk());
    for (size_t i = 0; i < got->size(); ++i) {
      SCOPED_TRACE(golden_["gradients_of"][i].string());
      ExpectNear((*got)[i], step["gradients"][i]);
    }
    const auto y = (*session)->Run({{x_, x}}, y_, updates);
    ASSERT_THAT(y, IsOk());
    ExpectNear(*y, step["y"]);
    for (const auto& [name, value] : step["after"].object()) {
      SCOPED_TRACE(name);
      const auto moved = (*session)->Run(FindVariable(graph_, name).snapshot());
      ASSERT_THAT(moved, IsOk());
      ExpectNear(*moved, value);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, BatchNormGoldenTest,
                         ::testing::ValuesIn(GoldenCases()),
                         [](const auto& info) {
                           std::string name = info.param.name;
                           std::replace_if(
                               name.begin(), name.end(),
                               [](char c) { return !absl::ascii_isalnum(c); },
                               '_');
                           return name;
                         });

}  // namespace
}  // namespace trellis::nn
