// A batch-normalized network, built with nn/ and trained for ten steps from
// TensorFlow's initial values, gives TensorFlow's graph, losses, gradients and
// variables (tests/golden/gen_training.py).
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/collections.h"
#include "trellis/graph/expr.h"
#include "trellis/graph/initializers.h"
#include "trellis/graph/values.h"
#include "trellis/graph/variable_store.h"
#include "trellis/graph/zeros.h"
#include "trellis/io/load_model.h"
#include "trellis/io/npz.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/io/whole_file.h"
#include "trellis/nn/nn.h"
#include "trellis/ops/add_n_ops.h"
#include "trellis/ops/binary_ops.h"
#include "trellis/ops/placeholder_ops.h"
#include "trellis/ops/reduce_ops.h"
#include "trellis/runtime/saver.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/trellis.h"

namespace trellis {
namespace {

using ::testing::ElementsAreArray;
using testing::IsOk;

constexpr int kSteps = 10;
constexpr int64_t kBatch = 16;

struct Combo {
  bool resource;
  DType dtype;
  bool adam;

  std::string Name() const {
    return absl::StrCat(resource ? "resource" : "ref", "_", DTypeName(dtype),
                        "_", adam ? "adam" : "momentum");
  }
  std::string Path(absl::string_view file) const {
    return absl::StrCat("tests/golden/training/", Name(), "/", file);
  }
};

struct Network {
  Output x, labels;
  Output loss, total_loss, accuracy;
  std::vector<nn::GradientAndVariable> gradients;
  Node* train;
};

// gen_training.py's hidden_layer; a rate that is none leaves an Identity.
Output HiddenLayer(const Scope& scope, Output x, int64_t width,
                   absl::string_view name, const Initializer& initializer,
                   Output rate) {
  const Scope s = scope.VariableScope(name);
  Output h = nn::Dense(
      s, x, width,
      {.use_bias = false, .kernel_initializer = initializer, .scope = "dense"});
  h = nn::BatchNorm(s, h, true, {.momentum = 0.9, .scope = "batch_norm"});
  h = nn::Relu(s, h);
  return rate ? nn::Dropout(s, h, rate, true) : nn::Dropout(s, h, 0.5, false);
}

// gen_training.py's build.
Network Build(const Scope& s, const Combo& combo) {
  Network n;
  n.x = ops::Placeholder(s, combo.dtype, {.shape = {-1, 20}, .name = "x"});
  n.labels = ops::Placeholder(s, kInt64, {.shape = {-1}, .name = "labels"});
  const Output rate = ops::PlaceholderWithDefault(
      s, Zeros(s, Shape::Scalar(), combo.dtype, "no_dropout"), Shape::Scalar(),
      {.name = "dropout_rate"});
  const Variable step = nn::GetOrCreateGlobalStep(s);
  Output h = HiddenLayer(s, n.x, 16, "fc1", {}, Output());
  h = HiddenLayer(s, h, 8, "fc2", TruncatedNormalInitializer(0, 0.3), rate);
  const Output logits = nn::Dense(s, h, 4, {.scope = "logits"});
  n.loss = nn::SparseSoftmaxCrossEntropy(s, n.labels, logits);

  std::vector<Input> squares;
  for (const Variable& v : TrainableVariables(s.graph())) {
    squares.push_back(ops::L2Loss(s, v));
  }
  const Output l2 = ops::AddN(s, squares, {.name = "l2"});
  n.total_loss = ops::Add(s, n.loss, 1e-3 * s(l2), {.name = "total_loss"});
  n.accuracy = nn::Accuracy(s, n.labels, logits);

  const auto minimize = [&](nn::Optimizer&& optimizer) {
    const Scope after = s.WithControlDependencies(
        NodesOf(GetCollection(s.graph(), kUpdateOps)));
    n.gradients = optimizer.ComputeGradients(after, n.total_loss);
    n.train = optimizer.ApplyGradients(after, n.gradients,
                                       {.global_step = step, .name = "train"});
  };
  if (combo.adam) {
    minimize(nn::Adam({.learning_rate = 0.01}));
  } else {
    minimize(nn::Momentum(0.1, 0.9));
  }
  return n;
}

NamedArrays ReadNpz(const std::string& path) {
  const auto bytes = ReadWholeFile(PosixFileSystem::Get(), path);
  EXPECT_THAT(bytes, IsOk());
  auto arrays = ParseNpz(bytes.ok() ? *bytes : "");
  EXPECT_THAT(arrays, IsOk());
  return arrays.ok() ? *std::move(arrays) : NamedArrays();
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

// The largest difference, as a share of the largest expected magnitude.
double RelativeDifference(const Tensor& got, const Tensor& expected) {
  EXPECT_EQ(got.shape(), expected.shape());
  EXPECT_EQ(got.dtype(), expected.dtype());
  const std::vector<double> a = Doubles(got), b = Doubles(expected);
  double difference = 0, largest = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    difference = std::max(difference, std::abs(a[i] - b[i]));
    largest = std::max(largest, std::abs(b[i]));
  }
  return largest == 0 ? difference : difference / largest;
}

class TrainingGoldenTest : public ::testing::TestWithParam<Combo> {
 protected:
  // Rows of one step of a fed array.
  static Tensor Rows(const Tensor& all, int step) {
    Shape shape = all.shape();
    shape.set_dim(0, kBatch);
    Tensor rows(all.dtype(), shape);
    std::copy_n(static_cast<const char*>(all.data()) + step * rows.bytes(),
                rows.bytes(), static_cast<char*>(rows.data()));
    return rows;
  }

  absl::StatusOr<std::unique_ptr<Session>> RestoredSession() {
    TRELLIS_ASSIGN_OR_RETURN(auto session, NewSession(graph_, {.threads = 2}));
    TRELLIS_RETURN_IF_ERROR(Saver(PosixFileSystem::Get())
                                .Restore(*session, combo_.Path("model.ckpt-0"))
                                .status());
    return session;
  }

  Feeds FeedsOf(int step) const {
    return {{network_.x, Rows(feeds_.at("x"), step)},
            {network_.labels, Rows(feeds_.at("labels"), step)}};
  }

  void ExpectNear(const Tensor& got, const std::string& key,
                  double tolerance) const {
    ASSERT_TRUE(expected_.contains(key)) << key;
    EXPECT_LE(RelativeDifference(got, expected_.at(key)), tolerance) << key;
  }

  void ExpectVariables(const Session& session, absl::string_view prefix,
                       double tolerance) {
    Fetches values;
    for (const Variable& v : GlobalVariables(graph_)) {
      values.push_back(v.snapshot());
    }
    const auto results = session.Run({}, values);
    ASSERT_THAT(results, IsOk());
    size_t i = 0;
    for (const Variable& v : GlobalVariables(graph_)) {
      ExpectNear((*results)[i++], absl::StrCat(prefix, v.name()), tolerance);
    }
  }

  const Combo combo_ = GetParam();
  const double tolerance_ = combo_.dtype == kFloat32 ? 1e-5 : 1e-12;
  const NamedArrays feeds_ = ReadNpz(combo_.Path("feeds.npz"));
  const NamedArrays expected_ = ReadNpz(combo_.Path("expected.npz"));
  Graph graph_ = NewGraph({.tf115 = !combo_.resource, .seed = 1});
  const Network network_ = Build(graph_.root(), combo_);
};

TEST_P(TrainingGoldenTest, GraphIsTensorFlows) {
  GlobalVariablesInitializer(graph_.root());
  ASSERT_THAT(graph_.status(), IsOk());
  const auto model = LoadModel(PosixFileSystem::Get(),
                               combo_.Path("model.ckpt-0.meta"), graph_.ops());
  ASSERT_THAT(model, IsOk());
  const auto lines = [](const Graph& graph) {
    std::vector<std::string> lines;
    for (const Node* node : graph.nodes()) {
      if (absl::StartsWith(node->name(), "save/")) continue;
      std::vector<std::string> inputs;
      for (Output input : node->inputs()) inputs.push_back(input.name());
      for (const Node* control : node->control_inputs()) {
        inputs.push_back(absl::StrCat("^", control->name()));
      }
      std::sort(std::find_if(
                    inputs.begin(), inputs.end(),
                    [](const std::string& input) { return input[0] == '^'; }),
                inputs.end());
      lines.push_back(absl::StrCat(node->op(), " ", node->name(), "(",
                                   absl::StrJoin(inputs, ", "), ")"));
    }
    return lines;
  };
  EXPECT_THAT(lines(graph_), ElementsAreArray(lines(*model->meta.graph)));
}

TEST_P(TrainingGoldenTest, GradientsAreTensorFlows) {
  const auto session = RestoredSession();
  ASSERT_THAT(session, IsOk());
  Fetches fetches;
  for (const auto& [gradient, variable] : network_.gradients) {
    fetches.push_back(gradient.output());
  }
  const auto values = (*session)->Run(FeedsOf(0), fetches);
  ASSERT_THAT(values, IsOk());
  for (size_t i = 0; i < fetches.size(); ++i) {
    ExpectNear((*values)[i],
               absl::StrCat("gradient/", network_.gradients[i].variable.name()),
               tolerance_);
  }
}

TEST_P(TrainingGoldenTest, TenStepsAreTensorFlows) {
  const auto session = RestoredSession();
  ASSERT_THAT(session, IsOk());
  ExpectVariables(**session, "step0/", 0);
  // Later steps begin where rounding has led the earlier ones.
  const double later = 20 * tolerance_;
  for (int step = 0; step < kSteps; ++step) {
    const auto measures = (*session)->Run(
        FeedsOf(step), {network_.loss, network_.total_loss, network_.accuracy},
        {network_.train});
    ASSERT_THAT(measures, IsOk());
    size_t i = 0;
    for (const char* key : {"loss", "total_loss", "accuracy"}) {
      const double expected = Doubles(expected_.at(key))[step];
      EXPECT_NEAR(Doubles((*measures)[i++])[0], expected,
                  (step == 0 ? tolerance_ : later) * expected)
          << key << " of step " << step;
    }
    if (step == 0) ExpectVariables(**session, "step1/", tolerance_);
  }
  ExpectVariables(**session, "step10/", later);
}

INSTANTIATE_TEST_SUITE_P(All, TrainingGoldenTest, ::testing::ValuesIn([] {
                           std::vector<Combo> combos;
                           for (const bool resource : {false, true}) {
                             for (const DType dtype : {kFloat32, kFloat64}) {
                               for (const bool adam : {true, false}) {
                                 combos.push_back({resource, dtype, adam});
                               }
                             }
                           }
                           return combos;
                         }()),
                         [](const auto& info) { return info.param.Name(); });

}  // namespace
}  // namespace trellis
