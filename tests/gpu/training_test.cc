// A network that trains on a GPU learns what it learns on the CPU, as far as
// rounding goes, and the same bits every time.
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/data/batches.h"
#include "trellis/runtime/session.h"
#include "trellis/tests/conformance/devices.h"
#include "trellis/tests/e2e/small_network.h"
#include "trellis/tests/gpu/gpu.h"
#include "trellis/tests/status_matchers.h"

namespace trellis::testing {
namespace {

using ::testing::HasSubstr;

constexpr char kOnCpu[] = "/device:CPU:0";
constexpr char kOnGpu[] = "/device:GPU:0";

// A network in training, all of it on one device: nothing else has a kernel
// chosen for it.
class Training {
 public:
  explicit Training(const std::string& device, bool plan = true)
      : graph_(TestedOps(), {.seed = 7}),
        network_(BuildSmallNetwork(graph_.root().WithDevice(device))) {
    auto session = Session::Make(
        graph_, {TestedKernels(), DevicesWith(kGpu)},
        {.threads = 0, .device_count = {{"GPU", 1}}, .plan = plan});
    EXPECT_THAT(session, IsOk());
    session_ = *std::move(session);
    EXPECT_THAT(session_->Run(network_.initializer), IsOk());
  }

  void Steps(int n) {
    for (int i = 0; i < n; ++i) {
      ASSERT_THAT(TrainStep(*session_, network_, batches_), IsOk());
    }
  }

  StoredValues Values() const {
    auto values =
        session_->resources().Snapshot([](absl::string_view) { return true; });
    EXPECT_THAT(values, IsOk());
    return *std::move(values);
  }

  std::map<std::string, std::string> DevicesOf(absl::string_view part) const {
    Tensor pixels(kFloat32, {8, 20}), labels(kInt64, {8});
    std::fill_n(pixels.flat<float>().begin(), 160, 0.5f);
    std::fill_n(labels.flat<int64_t>().begin(), 8, 0);
    const auto profile = session_->Profile(
        {{network_.pixels, pixels}, {network_.labels, labels}}, {network_.loss},
        {network_.train});
    EXPECT_THAT(profile, IsOk());
    std::map<std::string, std::string> devices;
    for (const StepProfile& step : *profile) {
      if (absl::StrContains(step.node, part)) devices[step.node] = step.device;
    }
    return devices;
  }

 private:
  const LabeledImages task_ = SmallTask();
  Batches batches_{task_, /*seed=*/3};
  Graph graph_;
  const SmallNetwork network_;
  std::unique_ptr<Session> session_;
};

// Floats to `tolerance` of their tensor's largest; all else to the bit.
void ExpectClose(const StoredValues& values, const StoredValues& expected,
                 double tolerance) {
  ASSERT_EQ(values.size(), expected.size());
  for (const auto& [name, value] : expected) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(values.contains(name));
    const Tensor& other = values.at(name);
    if (value.dtype() != kFloat32 || tolerance == 0) {
      EXPECT_TRUE(other.SameAs(value))
          << other.ToString() << ", expected " << value.ToString();
      continue;
    }
    ASSERT_EQ(other.shape(), value.shape());
    const auto e = value.flat<float>(), o = other.flat<float>();
    float largest = 0, difference = 0;
    for (size_t i = 0; i < e.size(); ++i) {
      largest = std::max(largest, std::abs(e[i]));
      difference = std::max(difference, std::abs(e[i] - o[i]));
    }
    EXPECT_LE(difference, tolerance * largest)
        << other.ToString() << ", expected " << value.ToString();
  }
}

class GpuTrainingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!WhyNoGpu().empty()) GTEST_SKIP() << WhyNoGpu();
  }
};

TEST_F(GpuTrainingTest, StartsAsOnTheCpu) {
  ExpectClose(Training(kOnGpu).Values(), Training(kOnCpu).Values(), 1e-6);
}

TEST_F(GpuTrainingTest, OneStepIsThatOfTheCpu) {
  Training cpu(kOnCpu), gpu(kOnGpu);
  cpu.Steps(1);
  gpu.Steps(1);
  ExpectClose(gpu.Values(), cpu.Values(), 1e-5);
}

TEST_F(GpuTrainingTest, LearnsWhatTheCpuLearns) {
  Training cpu(kOnCpu), gpu(kOnGpu);
  cpu.Steps(20);
  gpu.Steps(20);
  ExpectClose(gpu.Values(), cpu.Values(), 1e-2);
}

TEST_F(GpuTrainingTest, HasTheSameBitsEveryTime) {
  Training once(kOnGpu), again(kOnGpu), without_plan(kOnGpu, /*plan=*/false);
  for (Training* training : {&once, &again, &without_plan}) training->Steps(5);
  ExpectClose(again.Values(), once.Values(), 0);
  ExpectClose(without_plan.Values(), once.Values(), 0);
}

TEST_F(GpuTrainingTest, RunsThere) {
  Training training(kOnGpu);
  const auto devices = training.DevicesOf("");
  int on_gpu = 0;
  for (const auto& [node, device] : devices) {
    on_gpu += absl::StrContains(device, "GPU");
  }
  EXPECT_GT(on_gpu, 50);
  for (const auto& [node, device] : training.DevicesOf("MatMul")) {
    EXPECT_THAT(device, HasSubstr("GPU")) << node;
  }
}

TEST_F(GpuTrainingTest, GivesItsMemoryBack) {
  { Training training(kOnGpu); }  // what the process keeps once it had a GPU
  const size_t before = GpuBytesInUse();
  {
    Training one(kOnGpu), two(kOnGpu);
    one.Steps(2);
    two.Steps(2);
    EXPECT_GT(GpuBytesInUse(), before);
  }
  EXPECT_EQ(GpuBytesInUse(), before);
}

}  // namespace
}  // namespace trellis::testing
