// Sessions with GPUs over the fake driver: placement, plans and runs. Kernels
// are functions of the host that the fake does as late as it may.
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/op_schema.h"
#include "trellis/ops/all.h"
#include "trellis/runtime/cuda_device.h"
#include "trellis/runtime/device.h"
#include "trellis/runtime/kernel/cuda_stream.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"
#include "trellis/runtime/session.h"
#include "trellis/tests/graph_text.h"
#include "trellis/tests/runtime/cuda/fake_cuda_driver.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using testing::AddNodes;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

CudaStream& StreamOf(RunContext& c) {
  return static_cast<CudaStream&>(*c.stream());
}

// z = x + y, on a GPU.
class AddKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.output_shape(0).num_elements();
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    TRELLIS_ASSIGN_OR_RETURN(void* const stream, StreamOf(c).BeginLaunch());
    FakeCudaDriver::Launch(
        stream, [n = n_, x = c.input<float>(0), y = c.input<float>(1),
                 z = c.output<float>(0)] {
          for (int64_t i = 0; i < n; ++i) z[i] = x[i] + y[i];
        });
    return absl::OkStatus();
  }

 private:
  int64_t n_ = 0;
};

// y = x, refusing negative elements.
class CheckKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.output_shape(0).num_elements();
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    TRELLIS_ASSIGN_OR_RETURN(int64_t* const word, StreamOf(c).BeginCheck());
    TRELLIS_ASSIGN_OR_RETURN(void* const stream, StreamOf(c).BeginLaunch());
    FakeCudaDriver::Launch(
        stream, [n = n_, x = c.input<float>(0), y = c.output<float>(0), word] {
          for (int64_t i = n - 1; i >= 0; --i) {
            y[i] = x[i];
            if (x[i] < 0 && i < *word) *word = i;
          }
        });
    return StreamOf(c).EndCheck(c.step(), word, [](int64_t i) {
      return absl::InvalidArgumentError(
          absl::StrCat("element ", i, " is negative"));
    });
  }

 private:
  int64_t n_ = 0;
};

// v = x, or v = v + x.
template <bool add>
class AssignKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.input_shape(1).num_elements();
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    TRELLIS_ASSIGN_OR_RETURN(void* const stream, StreamOf(c).BeginLaunch());
    FakeCudaDriver::Launch(
        stream, [n = n_, v = c.variable<float>(0), x = c.input<float>(1)] {
          for (int64_t i = 0; i < n; ++i) v[i] = (add ? v[i] : 0) + x[i];
        });
    c.variable_state(0).initialized = true;
    ++c.variable_state(0).version;
    return absl::OkStatus();
  }

 private:
  int64_t n_ = 0;
};

// z = x + y on the CPU.
class HostAddKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.output_shape(0).num_elements();
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    for (int64_t i = 0; i < n_; ++i) {
      c.output<float>(0)[i] = c.input<float>(0)[i] + c.input<float>(1)[i];
    }
    return absl::OkStatus();
  }

 private:
  int64_t n_ = 0;
};

CudaDeviceInfo Gpu(const char* name) {
  return {.name = name,
          .major = 9,
          .multiprocessors = 132,
          .memory_bytes = size_t{1} << 24};
}

// Planned, or every step dynamic.
class CudaSessionTest : public ::testing::TestWithParam<bool> {
 protected:
  CudaSessionTest() {
    RegisterAllOps(ops_);
    kernels_.Add<HostAddKernel>("AddV2", kCpu, kFloat32);
    kernels_.Add<AddKernel>("AddV2", kGpu, kFloat32);
    kernels_.Add<CheckKernel>("Sqrt", kGpu, kFloat32);
    kernels_.Add<AssignKernel<false>>("AssignVariableOp", kGpu, kFloat32);
    kernels_.Add<AssignKernel<true>>("AssignAddVariableOp", kGpu, kFloat32);
    RegisterCpuDevices(devices_);
    RegisterCudaDevices(devices_, driver_, 80);
  }
  ~CudaSessionTest() override {
    session_ = nullptr;
    // Everything was given back with the session.
    EXPECT_EQ(driver_.counts(), FakeCudaDriver::Counts{});
  }

  void Make(absl::string_view text, GpuOptions gpu = {}) {
    graph_ = std::make_unique<Graph>(ops_);
    ASSERT_THAT(AddNodes(*graph_, text), IsOk());
    auto session = Session::Make(*graph_, {kernels_, devices_},
                                 {.threads = 0,
                                  .device_count = {{"GPU", 3}},
                                  .gpu = gpu,
                                  .plan = GetParam()});
    ASSERT_THAT(session, IsOk());
    session_ = *std::move(session);
  }

  std::string Fetch(const std::string& fetch, Feeds feeds = {}) {
    const auto results = session_->Run(feeds, Fetches{fetch});
    return results.ok() ? (*results)[0].ToString()
                        : results.status().ToString();
  }

  FakeCudaDriver driver_{{Gpu("A"), Gpu("B"), Gpu("C")}};
  OpRegistry ops_;
  KernelRegistry kernels_;
  DeviceRegistry devices_;
  std::unique_ptr<Graph> graph_;
  std::unique_ptr<Session> session_;
};

INSTANTIATE_TEST_SUITE_P(Planned, CudaSessionTest, ::testing::Values(true));
INSTANTIATE_TEST_SUITE_P(Dynamic, CudaSessionTest, ::testing::Values(false));

constexpr char kChain[] = R"(
    x = Placeholder() dtype=float32 shape=[?]
    c = Const() dtype=float32 value=float32[2]:10,20
    a = AddV2(x, c)
    b = AddV2(a, a) @/device:CPU:0
    d = AddV2(b, a) @/device:GPU:0
    e = AddV2(d, b) @/device:GPU:2
    f = AddV2(e, c) @/device:CPU:0
)";

TEST_P(CudaSessionTest, ValuesCrossBetweenDevices) {
  Make(kChain);
  for (int run = 0; run < 5; ++run) {
    const float x = static_cast<float>(run);
    const Tensor feed = Tensor::Of<float>({x, x});
    const Tensor f = Tensor::Of<float>({5 * (x + 10) + 10, 5 * (x + 20) + 20});
    EXPECT_EQ(Fetch("f", {{"x", feed}}), f.ToString());
  }
  EXPECT_EQ(Fetch("e", {{"x", Tensor::Of<float>({0, 0})}}),
            "float32[2]: 50 100");
}

TEST_P(CudaSessionTest, AGpuIsPreferredAndOnlyUsedOnesAreOpened) {
  Make(kChain);
  EXPECT_EQ(Fetch("a", {{"x", Tensor::Of<float>({1, 2})}}),
            "float32[2]: 11 22");
  EXPECT_THAT(driver_.log(), HasSubstr("kernel"));
  EXPECT_EQ(driver_.opened(0), 1);
  EXPECT_EQ(driver_.opened(1), 0);
  EXPECT_EQ(driver_.opened(2), 0);
}

TEST_P(CudaSessionTest, TheSessionsListNamesItsGpus) {
  Make(kChain, {.visible = {2, 1, 0}});
  EXPECT_EQ(Fetch("d", {{"x", Tensor::Of<float>({1, 2})}}),
            "float32[2]: 33 66");
  EXPECT_EQ(driver_.opened(2), 1) << "GPU:0 of this session";
  EXPECT_EQ(driver_.opened(0), 0);
}

TEST_P(CudaSessionTest, AVariableLivesOnTheGpu) {
  Make(R"(
    v = VarHandleOp() dtype=float32 shape=[2] @/device:GPU:0
    one = Const() dtype=float32 value=float32[2]:1,2
    init = AssignVariableOp(v, one)
    more = AssignAddVariableOp(v, one)
    read = ReadVariableOp(v) dtype=float32
    after = ReadVariableOp(v, ^more) dtype=float32
  )");
  ASSERT_THAT(session_->Run({}, Fetches{}, {"init"}), IsOk());
  for (int i = 0; i < 3; ++i) {
    ASSERT_THAT(session_->Run({}, Fetches{}, {"more"}), IsOk());
  }
  EXPECT_EQ(Fetch("read"), "float32[2]: 4 8");
  const auto before = session_->Run({}, Fetches{"read"}, {"more"});
  ASSERT_THAT(before, IsOk());
  EXPECT_EQ((*before)[0].ToString(), "float32[2]: 4 8");
  EXPECT_EQ(Fetch("after"), "float32[2]: 6 12");
}

TEST_P(CudaSessionTest, ALateErrorNamesItsNodeAndTheSessionGoesOn) {
  Make(R"(
    x = Placeholder() dtype=float32 shape=[?]
    root = Sqrt(x)
    y = AddV2(root, root)
  )");
  EXPECT_EQ(Fetch("y", {{"x", Tensor::Of<float>({1, 2})}}), "float32[2]: 2 4");
  EXPECT_THAT(
      session_->Run({{"x", Tensor::Of<float>({1, -2, -3})}}, Fetches{"y"}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("root:"), HasSubstr("element 1 is negative"))));
  EXPECT_EQ(Fetch("y", {{"x", Tensor::Of<float>({1, 2})}}), "float32[2]: 2 4");
}

TEST_P(CudaSessionTest, OutOfMemorySaysWhoHasWhat) {
  Make(R"(
    v = VarHandleOp() dtype=float32 shape=[131072] @/device:GPU:0
    x = Placeholder() dtype=float32 shape=[131072]
    y = Placeholder() dtype=float32 shape=[?]
    init = AssignVariableOp(v, x)
    twice = AddV2(y, y)
  )",
       {.memory_limit = size_t{2} << 20});
  ASSERT_THAT(
      session_->Run({{"x", Tensor(kFloat32, {131072})}}, Fetches{}, {"init"}),
      IsOk());
  session_->Trim();
  EXPECT_THAT(
      session_->Run({{"y", Tensor(kFloat32, {1 << 20})}}, Fetches{"twice"}),
      StatusIs(absl::StatusCode::kResourceExhausted,
               AllOf(HasSubstr("device:GPU:0"), HasSubstr("512 KiB by v"),
                     HasSubstr("limit: 2 MiB"))));
  const auto small =
      session_->Run({{"y", Tensor::Of<float>({1, 2})}}, Fetches{"twice"});
  ASSERT_THAT(small, IsOk());
  EXPECT_EQ((*small)[0].ToString(), "float32[2]: 2 4");
}

TEST_P(CudaSessionTest, ARequestThatCannotBeMetSaysWhy) {
  driver_.FailFrom("CountDevices", 1, absl::UnavailableError("no driver here"));
  Make(kChain);
  EXPECT_THAT(session_->Run({{"x", Tensor::Of<float>({1, 2})}}, Fetches{"d"}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("/device:GPU:0"),
                             HasSubstr("There is no GPU: no driver here"))));
}

TEST_P(CudaSessionTest, AGpuThatIsLostFailsItsRuns) {
  Make(kChain);
  const Feeds feeds = {{"x", Tensor::Of<float>({1, 2})}};
  EXPECT_EQ(Fetch("a", feeds), "float32[2]: 11 22");
  driver_.FailFrom("Synchronize", 1, absl::DataLossError("gone"));
  EXPECT_THAT(session_->Run(feeds, Fetches{"a"}),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("gone")));
}

}  // namespace
}  // namespace trellis
