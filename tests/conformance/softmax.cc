#include <algorithm>
#include <cmath>

#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {
namespace {

// Along the last axis.
Array LogSoftmax(const Array& logits) {
  Array y = logits;
  const int64_t classes = logits.shape.dims().back();
  for (int64_t row = 0; row < y.size(); row += classes) {
    double largest = y[row];
    for (int64_t j = 0; j < classes; ++j) {
      largest = std::max(largest, y[row + j]);
    }
    double sum = 0;
    for (int64_t j = 0; j < classes; ++j) sum += std::exp(y[row + j] - largest);
    for (int64_t j = 0; j < classes; ++j) {
      y[row + j] -= largest + std::log(sum);
    }
  }
  return y;
}

Array Softmax(const Array& logits) {
  Array y = LogSoftmax(logits);
  for (double& x : y.values) x = std::exp(x);
  return y;
}

// loss and backprop; labels [n, classes] are probabilities.
Results CrossEntropy(const Array& logits, const Array& labels) {
  const Array log_probability = LogSoftmax(logits);
  Array loss(logits.dtype, {logits.dim(0)}), backprop = Softmax(logits);
  ForEachIndex(logits.shape, [&](const Index& i) {
    loss[i[0]] -= labels.at(i) * log_probability.at(i);
    backprop.at(i) -= labels.at(i);
  });
  return std::vector<Array>{loss, backprop};
}

Results SparseCrossEntropy(Inputs in) {
  return CrossEntropy(
      in[0], Array(in[0].dtype, in[0].shape, [&](const Index& i) {
        return in[1][i[0]] == static_cast<double>(i[1]) ? 1.0 : 0.0;
      }));
}

}  // namespace

std::vector<OpCase> SoftmaxCases() {
  // Rows that add up to 1: 2 (j + 1) / (k (k + 1)).
  const CaseInput distributions = Generated("n,k", [](const Element& e) {
    const double k = static_cast<double>(e.sizes.k);
    return 2 * static_cast<double>(e.position % e.sizes.k + 1) / (k * (k + 1));
  });
  constexpr Tolerance kTolerance = {.absolute_epsilons = 16,
                                    .relative_epsilons = 16};
  return {
      {.op = "Softmax",
       .inputs = {Uniform("n,k", -4, 4)},
       .reference = [](Inputs in) { return Softmax(in[0]); },
       .tolerance = kTolerance},
      {.op = "Softmax",
       .label = "Rank3",
       .inputs = {Uniform("n,m,k", -4, 4)},
       .reference = [](Inputs in) { return Softmax(in[0]); },
       .tolerance = kTolerance},
      {.op = "LogSoftmax",
       .inputs = {Uniform("n,k", -4, 4)},
       .reference = [](Inputs in) { return LogSoftmax(in[0]); },
       .tolerance = kTolerance},
      {.op = "LogSoftmax",
       .label = "ManyClasses",
       .inputs = {Uniform("3,1001", -40, 40)},
       .reference = [](Inputs in) { return LogSoftmax(in[0]); },
       .tolerance = kTolerance},
      // The second output is the first one's derivative; TensorFlow's own
      // derivative of it is not whole.
      {.op = "SoftmaxCrossEntropyWithLogits",
       .inputs = {Uniform("n,k"), distributions},
       .reference = [](Inputs in) { return CrossEntropy(in[0], in[1]); },
       .tolerance = kTolerance,
       .gradient_outputs = {{0}}},
      {.op = "SparseSoftmaxCrossEntropyWithLogits",
       .inputs = {Uniform("n,k"), BelowK("n")},
       .reference = SparseCrossEntropy,
       .tolerance = kTolerance,
       .gradient_outputs = {{0}}},
  };
}

}  // namespace trellis::testing
