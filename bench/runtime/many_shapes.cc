// A hundred batch sizes in random order through one session, as a server sees
// them: prints how many plans were made, the memory before and after, and the
// slowest run against the median. The network is the one of examples/mnist.
// Beside other work judge by the CPU time, with one thread.
//
//   bazel run //bench/runtime:many_shapes [THREADS]
#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
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

int64_t ThreadCpuNanoseconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

// Microseconds of runs per example, so that sizes compare.
class Times {
 public:
  explicit Times(const char* clock) : clock_(clock) {}

  void Add(int64_t nanoseconds, int examples) {
    times_.push_back(static_cast<double>(nanoseconds) / 1000 / examples);
  }
  // Of all rounds; of the first round, which compiles and plans; of the others.
  void Print() const {
    std::vector<double> sorted = times_;
    std::sort(sorted.begin(), sorted.end());
    const double median = sorted[sorted.size() / 2];
    const auto second_round = times_.begin() + kSizes;
    const auto first_max = std::max_element(times_.begin(), second_round);
    const auto max = std::max_element(second_round, times_.end());
    std::printf(
        "%s per example: median %.2f us, p99 %.2fx of it; slowest %.2fx, in "
        "the first round %.2fx (run %d; run 1: %.2fx, run 9: %.2fx)\n",
        clock_, median, sorted[sorted.size() * 99 / 100] / median,
        *max / median, *first_max / median,
        static_cast<int>(first_max - times_.begin()) + 1, times_[0] / median,
        times_[Session::kMaxPlans] / median);
  }

 private:
  const char* clock_;
  std::vector<double> times_;
};

void Measure(Session& session, const mnist::Network& network) {
  std::vector<int> sizes;
  for (int i = 1; i <= kSizes; ++i) sizes.push_back(64 + i);
  std::mt19937 random(1);
  Times wall("wall time"), cpu("CPU time of the caller");
  for (int round = 0; round < kRounds; ++round) {
    std::shuffle(sizes.begin(), sizes.end(), random);
    for (const int n : sizes) {
      Tensor pixels(kFloat32, {n, 784});
      for (float& f : pixels.flat<float>()) {
        f = static_cast<float>(random() % 256) / 255;
      }
      const auto start = std::chrono::steady_clock::now();
      const int64_t cpu_start = ThreadCpuNanoseconds();
      const auto logits =
          session.Run({{network.pixels, pixels}}, network.logits);
      cpu.Add(ThreadCpuNanoseconds() - cpu_start, n);
      wall.Add(
          std::chrono::nanoseconds(std::chrono::steady_clock::now() - start)
              .count(),
          n);
      TRELLIS_CHECK(logits.ok()) << logits.status().ToString();
    }
    const Session::Report report = session.report();
    std::printf("round %2d: %d plans, %d dynamic, %.1f MB in use\n", round + 1,
                report.plans, report.dynamic_plans, MegabytesInUse());
  }
  wall.Print();
  cpu.Print();
}

}  // namespace
}  // namespace trellis

int main(int argc, char** argv) {
  using trellis::NewGraph;
  using trellis::NewSession;
  trellis::Graph graph = NewGraph();
  const trellis::mnist::Network network =
      trellis::mnist::BuildNetwork(graph.root());
  auto session =
      NewSession(graph, {.threads = argc > 1 ? std::atoi(argv[1]) : 2,
                         .device_count = {{"CPU", 2}}});
  TRELLIS_CHECK(session.ok()) << session.status().ToString();
  const absl::Status initialized = (*session)->Run(network.initializer);
  TRELLIS_CHECK(initialized.ok()) << initialized.ToString();
  trellis::Measure(**session, network);
  return 0;
}
