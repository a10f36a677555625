// The program of the README: a graph, a session, and some steps of training on
// digits that the library draws.
#include <cstdio>

#include "trellis/base/status_macros.h"
#include "trellis/data/digits.h"
#include "trellis/graph/variable_store.h"
#include "trellis/nn/nn.h"
#include "trellis/ops/placeholder_ops.h"
#include "trellis/trellis.h"

using namespace trellis;

absl::Status Train(const Tensor& images, const Tensor& digits) {
  Graph graph = NewGraph();
  Scope s = graph.root();
  Output x = ops::Placeholder(s, kFloat32, {.shape = {-1, 784}, .name = "x"});
  Output labels = ops::Placeholder(s, kInt64, {.shape = {-1}});
  Output h = nn::Dense(s, x, 128, {.activation = nn::Relu, .scope = "fc1"});
  Output logits = nn::Dense(s, h, 10, {.scope = "logits"});
  Output loss = nn::SparseSoftmaxCrossEntropy(s, labels, logits);
  Node* train = nn::Adam({.learning_rate = 1e-3f}).Minimize(s, loss);
  Node* init = GlobalVariablesInitializer(s);

  TRELLIS_ASSIGN_OR_RETURN(auto session, NewSession(graph, {.threads = 2}));
  TRELLIS_RETURN_IF_ERROR(session->Run(init));
  for (int step = 0; step < 50; ++step) {
    TRELLIS_ASSIGN_OR_RETURN(
        auto r,
        session->Run({{x, images}, {labels, digits}}, Fetches{loss}, {train}));
    if (step % 10 == 0) std::printf("loss %.3f\n", r[0].scalar<float>());
  }
  return absl::OkStatus();
}

int main() {
  const LabeledImages set = RenderDigits(/*seed=*/1, /*count=*/500);
  const absl::Status status =
      Train(Tensor::Borrow(set.pixels.data(), {set.count, 784}),
            Tensor::Borrow(set.labels.data(), {set.count}));
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
