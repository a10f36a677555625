// Sessions on a GPU: the same results as on the CPU, memory that comes back,
// several sessions at once.
#include "trellis/runtime/session.h"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/tensor.h"
#include "trellis/tests/conformance/devices.h"
#include "trellis/tests/gpu/gpu.h"
#include "trellis/tests/graph_text.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using testing::AddNodes;
using testing::GpuBytesInUse;
using testing::IsOk;

// y is computed on `device`.
std::string Network(const std::string& device) {
  return absl::StrCat(R"(
    x = Placeholder() dtype=float32 shape=[?]
    a = Mul(x, x) @)",
                      device, R"(
    b = AddV2(a, x) @)",
                      device, R"(
    c = Tanh(b) @)",
                      device, R"(
    d = Greater(c, x) @)",
                      device, R"(
    e = Cast(d) DstT=float32 @)",
                      device, R"(
    y = Sub(c, e) @)",
                      device);
}

Tensor Input(int64_t n) {
  Tensor x(kFloat32, {n});
  for (int64_t i = 0; i < n; ++i) {
    x.flat<float>()[i] = static_cast<float>(std::sin(static_cast<double>(i)));
  }
  return x;
}

struct Made {
  explicit Made(const std::string& text, GpuOptions gpu = {})
      : graph(testing::TestedOps()) {
    EXPECT_THAT(AddNodes(graph, text), IsOk());
    auto made = Session::Make(
        graph, {testing::TestedKernels(), testing::DevicesWith(kGpu)},
        {.threads = 0, .device_count = {{"GPU", 1}}, .gpu = gpu});
    EXPECT_THAT(made, IsOk());
    if (made.ok()) session = *std::move(made);
  }
  absl::StatusOr<std::vector<Tensor>> Run(const Tensor& x) {
    return session->Run({{"x", x}}, Fetches{"y"});
  }
  Graph graph;
  std::unique_ptr<Session> session;
};

class GpuSessionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string why = testing::WhyNoGpu();
    if (!why.empty()) GTEST_SKIP() << why;
  }
};

TEST_F(GpuSessionTest, AgreesWithTheCpu) {
  Made cpu(Network("/device:CPU:0")), gpu(Network("/device:GPU:0"));
  double largest = 0;
  // None, one, a warp and some, many blocks, more elements than threads.
  for (const int64_t n : {0, 1, 33, 100000, 1 << 25}) {
    const Tensor x = Input(n);
    const auto expected = cpu.Run(x), result = gpu.Run(x);
    ASSERT_THAT(expected, IsOk());
    ASSERT_THAT(result, IsOk());
    const auto y = (*result)[0].flat<float>();
    const auto r = (*expected)[0].flat<float>();
    ASSERT_EQ(y.size(), r.size());
    for (size_t i = 0; i < y.size(); ++i) {
      largest = std::max(largest, double{std::abs(y[i] - r[i])});
    }
  }
  EXPECT_LE(largest, 1e-6);
  std::cout << "figure: largest error " << largest << "\n";
}

TEST_F(GpuSessionTest, TwoRunsHaveTheSameBits) {
  Made gpu(Network("/device:GPU:0"));
  const Tensor x = Input(100003);
  const auto first = gpu.Run(x);
  ASSERT_THAT(first, IsOk());
  for (int run = 0; run < 20; ++run) {
    const auto again = gpu.Run(x);
    ASSERT_THAT(again, IsOk());
    ASSERT_TRUE((*again)[0].SameAs((*first)[0])) << "run " << run;
  }
}

TEST_F(GpuSessionTest, ItsMemoryComesBackWithIt) {
  const auto run = [] {
    Made gpu(Network("/device:GPU:0"));
    EXPECT_THAT(gpu.Run(Input(1 << 24)), IsOk());
  };
  run();  // what is loaded once is there now
  const size_t before = GpuBytesInUse();
  for (int i = 0; i < 3; ++i) run();
  const size_t after = GpuBytesInUse();
  // Others may use the GPU: less than one array of a run.
  EXPECT_LT(after, before + (size_t{1} << 25));
  std::cout << "figure: " << before << " bytes in use before, " << after
            << " after\n";
}

TEST_F(GpuSessionTest, SeveralSessionsAtOnce) {
  const Tensor x = Input(50000);
  Made one(Network("/device:GPU:0"));
  const auto expected = one.Run(x);
  ASSERT_THAT(expected, IsOk());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      Made own(Network("/device:GPU:0"));
      for (int run = 0; run < 50; ++run) {
        for (Made* made : {&own, &one}) {
          const auto y = made->Run(x);
          ASSERT_THAT(y, IsOk());
          ASSERT_TRUE((*y)[0].SameAs((*expected)[0]));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(GpuSessionTest, OutOfMemoryIsAnErrorAndTheSessionGoesOn) {
  Made gpu(Network("/device:GPU:0"), {.memory_limit = size_t{8} << 20});
  EXPECT_EQ(gpu.Run(Input(1 << 23)).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(gpu.Run(Input(1000)), IsOk());
}

}  // namespace
}  // namespace trellis
