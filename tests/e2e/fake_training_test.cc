// A network that trains on a FAKE, or spread over it and two CPUs, learns what
// it learns on the CPU, bit for bit; and a device's error, however late it is
// noticed, says where it was and does no harm to what comes after.
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/data/batches.h"
#include "trellis/kernels/all_cpu.h"
#include "trellis/ops/all.h"
#include "trellis/runtime/session.h"
#include "trellis/tests/e2e/small_network.h"
#include "trellis/tests/fake_device/fake_device.h"
#include "trellis/tests/fake_device/fake_kernels.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::AllOf;
using testing::BuildSmallNetwork;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::LayerDevices;
using testing::SmallNetwork;
using testing::StatusIs;

constexpr int kSteps = 20;
constexpr char kFakeDevice[] = "/device:FAKE:0";

// What all runs have in common: the ops, their kernels on both device types.
struct Machine {
  Machine() {
    RegisterAllOps(ops);
    RegisterAllCpu(kernels);
    RegisterFakeKernels(kernels, ops, kernels);
    RegisterCpuDevices(devices);
    RegisterFakeDevices(devices, {.memory_bytes = 1 << 26, .faults = &faults});
  }

  FakeFaults faults;
  OpRegistry ops;
  KernelRegistry kernels;
  DeviceRegistry devices;
};

// A network in training.
class Training {
 public:
  // `device` is what everything has that no layer's device says otherwise of.
  Training(const Machine& machine, const std::string& device,
           const LayerDevices& layers, bool plan = true)
      : graph_(machine.ops, {.seed = 7}),
        network_(BuildSmallNetwork(graph_.root().WithDevice(device), layers)) {
    auto session = Session::Make(graph_, {machine.kernels, machine.devices},
                                 {.threads = 2,
                                  .device_count = {{"CPU", 2}, {"FAKE", 1}},
                                  .plan = plan});
    EXPECT_THAT(session, IsOk());
    session_ = *std::move(session);
    EXPECT_THAT(session_->Run(network_.initializer), IsOk());
  }

  absl::Status Step() {
    return TrainStep(*session_, network_, batches_).status();
  }
  void Steps(int n) {
    for (int i = 0; i < n; ++i) ASSERT_THAT(Step(), IsOk());
  }

  // Variables, Adam's slots, moving statistics and random counters.
  StoredValues Values() const {
    auto values =
        session_->resources().Snapshot([](absl::string_view) { return true; });
    EXPECT_THAT(values, IsOk());
    return *std::move(values);
  }
  void SetValues(StoredValues values) {
    ASSERT_THAT(session_->resources().Replace(std::move(values)), IsOk());
  }

  // Where the operations of a step run: those, as "name: device", whose names
  // contain `part`.
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

  Batches& batches() { return batches_; }
  const Session& session() const { return *session_; }

 private:
  const LabeledImages task_ = testing::SmallTask();
  Batches batches_{task_, /*seed=*/3};
  Graph graph_;
  const SmallNetwork network_;
  std::unique_ptr<Session> session_;
};

void ExpectSame(const StoredValues& values, const StoredValues& expected) {
  ASSERT_EQ(values.size(), expected.size());
  for (const auto& [name, value] : expected) {
    ASSERT_TRUE(values.contains(name)) << name;
    EXPECT_TRUE(values.at(name).SameAs(value))
        << name << ": " << values.at(name).ToString() << ", expected "
        << value.ToString();
  }
}

class FakeTrainingTest : public ::testing::Test {
 protected:
  // The values after kSteps on the CPU.
  const StoredValues& OnCpu() {
    if (on_cpu_.empty()) {
      Training training(machine_, "/device:CPU:0", {});
      training.Steps(kSteps);
      on_cpu_ = training.Values();
    }
    return on_cpu_;
  }

  Machine machine_;
  StoredValues on_cpu_;
};

TEST_F(FakeTrainingTest, TrainsOnTheFake) {
  Training training(machine_, kFakeDevice, {});
  training.Steps(kSteps);
  ExpectSame(training.Values(), OnCpu());
  const auto products = training.DevicesOf("MatMul");
  EXPECT_EQ(products.size(), 9);  // 3 forward, 6 of gradients
  for (const auto& [node, device] : products) {
    EXPECT_THAT(device, HasSubstr("FAKE:0")) << node;
  }
}

TEST_F(FakeTrainingTest, TrainsOnTheFakeWithoutAPlan) {
  Training training(machine_, kFakeDevice, {}, /*plan=*/false);
  training.Steps(kSteps);
  ExpectSame(training.Values(), OnCpu());
}

constexpr const char* kDevices[] = {"/device:CPU:0", "/device:CPU:1",
                                    kFakeDevice};

// Each layer on another device, in all orders.
class SpreadTrainingTest
    : public FakeTrainingTest,
      public ::testing::WithParamInterface<std::array<int, 3>> {};

INSTANTIATE_TEST_SUITE_P(
    Orders, SpreadTrainingTest,
    ::testing::Values(std::array{0, 1, 2}, std::array{0, 2, 1},
                      std::array{1, 0, 2}, std::array{1, 2, 0},
                      std::array{2, 0, 1}, std::array{2, 1, 0}));

TEST_P(SpreadTrainingTest, LearnsWhatTheCpuLearns) {
  const std::string fc1 = kDevices[GetParam()[0]];
  const std::string fc2 = kDevices[GetParam()[1]];
  const std::string logits = kDevices[GetParam()[2]];
  Training training(machine_, "", {fc1, fc2, logits});
  training.Steps(kSteps);
  ExpectSame(training.Values(), OnCpu());
  EXPECT_THAT(training.DevicesOf("fc1/dense/MatMul").at("fc1/dense/MatMul"),
              HasSubstr(fc1));
  EXPECT_THAT(training.DevicesOf("fc2/dense/MatMul").at("fc2/dense/MatMul"),
              HasSubstr(fc2));
  EXPECT_THAT(training.DevicesOf("logits/MatMul").at("logits/MatMul"),
              HasSubstr(logits));
}

class LateErrorTest : public FakeTrainingTest,
                      public ::testing::WithParamInterface<const char*> {};

INSTANTIATE_TEST_SUITE_P(
    Nodes, LateErrorTest,
    ::testing::Values("fc1/dense/MatMul", "logits/MatMul",
                      "gradients/fc2/dense/MatMul_grad/MatMul",
                      "train/update_fc1/dense/kernel/ResourceApplyAdam"));

TEST_P(LateErrorTest, NamesItsNodeAndTheSessionGoesOn) {
  const std::string node = GetParam();
  Training training(machine_, kFakeDevice, {});
  training.Steps(5);
  const StoredValues before = training.Values();
  const BatchesState position = training.batches().state();

  machine_.faults.FailAt(node, 1, absl::DataLossError("lost a warp"));
  EXPECT_THAT(training.Step(),
              StatusIs(absl::StatusCode::kDataLoss,
                       AllOf(HasSubstr(node), HasSubstr("lost a warp"))));
  // Updates that were made before it stay made, so it may go on from there, ...
  ASSERT_THAT(training.Step(), IsOk());
  // ... or from where it was, and then with the same bits as ever.
  training.SetValues(before);
  ASSERT_THAT(training.batches().Restore(position), IsOk());
  training.Steps(kSteps - 5);
  ExpectSame(training.Values(), OnCpu());
}

}  // namespace
}  // namespace trellis
