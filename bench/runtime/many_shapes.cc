// A hundred batch sizes in random order through one session, as a server sees
// them: prints how many plans were made, the memory before and after, and the
// slowest run against the median. The network is the one of examples/mnist.
//
//   bazel run //bench/runtime:many_shapes
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>
#include <vector>

#include "trellis/base/check.h"
#include "trellis/examples/mnist/network.h"
#include "trellis/trellis.h"

namespace trellis {
namespace {

constexpr int kSizes = 100, kRounds = 10;

double MegabytesInUse() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd) / 1e6;
}

void Measure(Session& session, const mnist::Network& network) {
  std::vector<int> sizes;
  for (int i = 1; i <= kSizes; ++i) sizes.push_back(64 + i);
  std::mt19937 random(1);
  std::vector<double> times;
  for (int round = 0; round < kRounds; ++round) {
    std::shuffle(sizes.begin(), sizes.end(), random);
    for (const int n : sizes) {
      Tensor pixels(kFloat32, {n, 784});
      for (float& f : pixels.flat<float>()) {
        f = static_cast<float>(random() % 256) / 255;
      }
      const auto start = std::chrono::steady_clock::now();
      const auto logits =
          session.Run({{network.pixels, pixels}}, network.logits);
      const std::chrono::duration<double, std::micro> took =
          std::chrono::steady_clock::now() - start;
      TRELLIS_CHECK(logits.ok()) << logits.status().ToString();
      times.push_back(took.count() / n);
    }
    const Session::Report report = session.report();
    std::printf("round %2d: %d plans, %d dynamic, %.1f MB in use\n", round + 1,
                report.plans, report.dynamic_plans, MegabytesInUse());
  }
  // Per example, so that sizes compare; the rounds after the first, so that it
  // is about runs and not about planning.
  const auto first = std::vector<double>(times.begin(), times.begin() + kSizes);
  times.erase(times.begin(), times.begin() + kSizes);
  std::sort(times.begin(), times.end());
  const double median = times[times.size() / 2];
  std::printf("per example: median %.2f us, p99 %.2fx, slowest %.2fx of it\n",
              median, times[times.size() * 99 / 100] / median,
              times.back() / median);
  std::printf("first round, planning included: slowest %.2fx of the median\n",
              *std::max_element(first.begin(), first.end()) / median);
}

}  // namespace
}  // namespace trellis

int main() {
  using trellis::NewGraph;
  using trellis::NewSession;
  trellis::Graph graph = NewGraph();
  const trellis::mnist::Network network =
      trellis::mnist::BuildNetwork(graph.root());
  auto session =
      NewSession(graph, {.threads = 2, .device_count = {{"CPU", 2}}});
  TRELLIS_CHECK(session.ok()) << session.status().ToString();
  const absl::Status initialized = (*session)->Run(network.initializer);
  TRELLIS_CHECK(initialized.ok()) << initialized.ToString();
  trellis::Measure(**session, network);
  return 0;
}
