// One computation on two devices: a matrix product on each, and their sum. The
// copies between them are Trellis's affair. Prints where everything is placed,
// and the sum.
#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/scope.h"
#include "trellis/ops/add_n_ops.h"
#include "trellis/ops/matmul_ops.h"
#include "trellis/ops/placeholder_ops.h"
#include "trellis/trellis.h"

namespace trellis {
namespace {

absl::Status Main() {
  Graph graph = NewGraph();
  const Scope s = graph.root();
  const Output x =
      ops::Placeholder(s, kFloat32, {.shape = {2, 2}, .name = "x"});
  const auto tower = [&](const char* name, const char* device, float scale) {
    const Scope t = s.NameScope(name).WithDevice(device);
    return ops::MatMul(t, x, {{scale, 0}, {0, scale}});
  };
  const Output sum =
      ops::AddN(s.WithDevice("/cpu:0"),
                {tower("first", "/cpu:0", 2), tower("second", "/cpu:1", 3)},
                {.name = "sum"});

  TRELLIS_ASSIGN_OR_RETURN(const std::unique_ptr<Session> session,
                           NewSession(graph, {.device_count = {{"CPU", 2}}}));
  TRELLIS_ASSIGN_OR_RETURN(const std::string placement,
                           session->DescribePlacement({x}, {sum}));
  std::printf("%s", placement.c_str());
  const Tensor input = Tensor::Of<float>({1, 2, 3, 4}).Reshaped({2, 2});
  TRELLIS_ASSIGN_OR_RETURN(const Tensor result,
                           session->Run({{x, input}}, sum));
  std::printf("sum: %s\n", result.ToString().c_str());
  return absl::OkStatus();
}

}  // namespace
}  // namespace trellis

int main() {
  if (const absl::Status status = trellis::Main(); !status.ok()) {
    std::fprintf(stderr, "two_towers: %s\n", status.ToString().c_str());
    return 1;
  }
  return 0;
}
