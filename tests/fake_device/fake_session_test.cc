// Sessions with a FAKE: copies where a value crosses over, late errors,
// variables on the device.
#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/op_schema.h"
#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/shape.h"
#include "trellis/kernels/where.h"
#include "trellis/ops/all.h"
#include "trellis/runtime/device.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"
#include "trellis/runtime/session.h"
#include "trellis/tests/fake_device/fake_device.h"
#include "trellis/tests/fake_device/fake_kernels.h"
#include "trellis/tests/graph_text.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using testing::AddNodes;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

// y = a + b, element by element.
class AddKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.output_shape(0).num_elements();
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    return Cpu::ForEach(
        c, n_,
        [a = c.input<float>(0), b = c.input<float>(1),
         y = c.output<float>(0)](int64_t i) { y[i] = a[i] + b[i]; });
  }

 private:
  int64_t n_ = 0;
};

class AssignKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.input_shape(1).num_elements();
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    std::copy_n(c.input<float>(1), n_, c.variable<float>(0));
    c.variable_state(0).initialized = true;
    ++c.variable_state(0).version;
    return absl::OkStatus();
  }

 private:
  int64_t n_ = 0;
};

class AssignAddKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.input_shape(1).num_elements();
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    for (int64_t i = 0; i < n_; ++i) {
      c.variable<float>(0)[i] += c.input<float>(1)[i];
    }
    ++c.variable_state(0).version;
    return absl::OkStatus();
  }

 private:
  int64_t n_ = 0;
};

// Planned, or every step dynamic.
class FakeSessionTest : public ::testing::TestWithParam<bool> {
 protected:
  FakeSessionTest() {
    RegisterAllOps(ops_);
    kernels_.Add<AddKernel>("AddV2", kCpu, kFloat32);
    kernels_.Add<AssignKernel>("AssignVariableOp", kCpu, kFloat32);
    kernels_.Add<AssignAddKernel>("AssignAddVariableOp", kCpu, kFloat32);
    kernels_.Add<ShapeKernel<int32_t>>("Shape", kCpu, kFloat32,
                                       {.types = {{"out_type", kInt32}}});
    kernels_.Add<WhereKernel<float>>("Where", kCpu, kFloat32);
    RegisterFakeKernels(kernels_, ops_, kernels_);
    RegisterCpuDevices(devices_);
    RegisterFakeDevices(devices_,
                        {.memory_bytes = 1 << 22, .faults = &faults_});
  }

  void Make(absl::string_view text, std::map<std::string, int> count = {}) {
    graph_ = std::make_unique<Graph>(ops_);
    ASSERT_THAT(AddNodes(*graph_, text), IsOk());
    auto session = Session::Make(
        *graph_, {kernels_, devices_},
        {.threads = 2, .device_count = std::move(count), .plan = GetParam()});
    ASSERT_THAT(session, IsOk());
    session_ = *std::move(session);
  }

  // The fetch as text, or the error.
  std::string Fetch(const std::string& fetch, Feeds feeds = {}) {
    const auto results = session_->Run(feeds, Fetches{fetch});
    return results.ok() ? (*results)[0].ToString()
                        : results.status().ToString();
  }

  absl::Status Target(const std::string& target) {
    return session_->Run({}, Fetches{}, {target}).status();
  }

  FakeFaults faults_;
  OpRegistry ops_;
  KernelRegistry kernels_;
  DeviceRegistry devices_;
  std::unique_ptr<Graph> graph_;
  std::unique_ptr<Session> session_;
};

INSTANTIATE_TEST_SUITE_P(Planned, FakeSessionTest, ::testing::Values(true));
INSTANTIATE_TEST_SUITE_P(Dynamic, FakeSessionTest, ::testing::Values(false));

constexpr char kChain[] = R"(
    x = Placeholder() dtype=float32 shape=[?]
    c = Const() dtype=float32 value=float32[2]:10,20
    a = AddV2(x, c) @/device:FAKE:0
    b = AddV2(a, a) @/device:CPU:1
    d = AddV2(b, a) @/device:FAKE:0
    e = AddV2(d, b) @/device:FAKE:1
    f = AddV2(e, c) @/device:CPU:0
)";

TEST_P(FakeSessionTest, ValuesCrossBetweenDevices) {
  Make(kChain, {{"CPU", 2}, {"FAKE", 2}});
  for (int run = 0; run < 20; ++run) {
    const float x = static_cast<float>(run);
    const Tensor feed = Tensor::Of<float>({x, x});
    const Tensor f = Tensor::Of<float>({5 * (x + 10) + 10, 5 * (x + 20) + 20});
    EXPECT_EQ(Fetch("f", {{"x", feed}}), f.ToString());
  }
  EXPECT_EQ(Fetch("e", {{"x", Tensor::Of<float>({0, 0})}}),
            "float32[2]: 50 100");
}

TEST_P(FakeSessionTest, ConcurrentRunsDoNotMix) {
  Make(kChain, {{"CPU", 2}, {"FAKE", 2}});
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t, &wrong] {
      const float x = static_cast<float>(t);
      const Tensor feed = Tensor::Of<float>({x, x});
      const Tensor f =
          Tensor::Of<float>({5 * (x + 10) + 10, 5 * (x + 20) + 20});
      for (int run = 0; run < 20; ++run) {
        if (Fetch("f", {{"x", feed}}) != f.ToString()) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_P(FakeSessionTest, ShapesAreForTheHost) {
  Make(R"(
    x = Placeholder() dtype=float32 shape=[?]
    a = AddV2(x, x) @/device:FAKE:0
    nonzero = Where(a) @/device:FAKE:0
    shape = Shape(a) @/device:FAKE:0
  )");
  for (int run = 0; run < 20; ++run) {
    EXPECT_EQ(Fetch("nonzero", {{"x", Tensor::Of<float>({0, 1, 0, 2})}}),
              "int64[2,1]: 1 3");
  }
  EXPECT_EQ(Fetch("shape", {{"x", Tensor::Of<float>({0, 1, 0, 2})}}),
            "int32[1]: 4");
}

constexpr char kVariable[] = R"(
    v = VarHandleOp() dtype=float32 shape=[2] @/device:FAKE:0
    one = Const() dtype=float32 value=float32[2]:1,2
    init = AssignVariableOp(v, one)
    more = AssignAddVariableOp(v, one)
    read = ReadVariableOp(v) dtype=float32
    twice = AddV2(read, read) @/device:CPU:0
    after = ReadVariableOp(v, ^more) dtype=float32
)";

TEST_P(FakeSessionTest, AVariableLivesOnTheDevice) {
  Make(kVariable);
  EXPECT_THAT(Fetch("read"), HasSubstr("v (initializer init)"));
  ASSERT_THAT(Target("init"), IsOk());
  for (int i = 0; i < 3; ++i) ASSERT_THAT(Target("more"), IsOk());
  EXPECT_EQ(Fetch("read"), "float32[2]: 4 8");
  EXPECT_EQ(Fetch("twice"), "float32[2]: 8 16");
  EXPECT_EQ(Fetch("after"), "float32[2]: 5 10");
  EXPECT_EQ(Fetch("read"), "float32[2]: 5 10");
}

TEST_P(FakeSessionTest, AFetchBesideAnUpdateIsTheValueBefore) {
  Make(kVariable);
  ASSERT_THAT(Target("init"), IsOk());
  const auto results = session_->Run({}, Fetches{"read", "twice"}, {"more"});
  ASSERT_THAT(results, IsOk());
  EXPECT_EQ((*results)[0].ToString(), "float32[2]: 1 2");
  EXPECT_EQ((*results)[1].ToString(), "float32[2]: 2 4");
  EXPECT_EQ(Fetch("read"), "float32[2]: 2 4");
}

TEST_P(FakeSessionTest, ALateErrorNamesItsNodeAndTheSessionGoesOn) {
  Make(kChain, {{"CPU", 2}, {"FAKE", 2}});
  const Feeds feeds = {{"x", Tensor::Of<float>({0, 0})}};
  for (const char* node : {"a", "d", "e"}) {
    faults_.FailAt(node, 2, absl::DataLossError("lost a warp"));
    EXPECT_EQ(Fetch("f", feeds), "float32[2]: 60 120");
    EXPECT_THAT(session_->Run(feeds, Fetches{"f"}),
                StatusIs(absl::StatusCode::kDataLoss,
                         AllOf(HasSubstr(std::string(node) + ":"),
                               HasSubstr("lost a warp"))));
    EXPECT_EQ(Fetch("f", feeds), "float32[2]: 60 120");
  }
}

// The first signature has the variable on the FAKE, which is preferred; what
// can only run on the CPU is not allowed to take it there afterwards.
TEST_P(FakeSessionTest, AVariableStaysWhereItWasFirstPlaced) {
  kernels_.Add<AssignAddKernel>("AssignSubVariableOp", kCpu, kFloat32);
  Make(R"(
    v = VarHandleOp() dtype=float32 shape=[1]
    one = Const() dtype=float32 value=float32[1]:1
    init = AssignVariableOp(v, one)
    less = AssignSubVariableOp(v, one)
  )");
  ASSERT_THAT(Target("init"), IsOk());
  EXPECT_THAT(Target("less"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("device:FAKE:0"),
                             HasSubstr("AssignSubVariableOp"))));
}

TEST_P(FakeSessionTest, AVariableThatBeganOnTheHostStaysThere) {
  kernels_.Add<AssignKernel>("AssignSubVariableOp", kCpu, kFloat32);
  Make(R"(
    v = VarHandleOp() dtype=float32 shape=[1]
    one = Const() dtype=float32 value=float32[1]:1
    init = AssignVariableOp(v, one)
    less = AssignSubVariableOp(v, one, ^init)
    read = ReadVariableOp(v) dtype=float32
  )");
  ASSERT_THAT(Target("less"), IsOk());
  EXPECT_EQ(Fetch("read"), "float32[1]: 1");
  ASSERT_THAT(Target("init"), IsOk());
}

}  // namespace
}  // namespace trellis
