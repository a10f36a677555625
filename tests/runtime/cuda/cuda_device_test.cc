#include "trellis/runtime/cuda_device.h"

#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/runtime/cuda_libcuda.h"
#include "trellis/tests/runtime/cuda/fake_cuda_driver.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::StatusIs;

constexpr size_t kMiB = size_t{1} << 20;
const std::map<std::string, int> kAllGpus = {{"GPU", 99}};

CudaDeviceInfo Gpu(const char* name, int major, int minor = 0) {
  return {.name = name,
          .major = major,
          .minor = minor,
          .multiprocessors = 132,
          .memory_bytes = 64 * kMiB};
}

class CudaDeviceTest : public ::testing::Test {
 protected:
  // Every GPU, if nothing else is said.
  absl::StatusOr<DeviceSet> Make(std::map<std::string, int> counts = kAllGpus,
                                 GpuOptions gpu = {}) {
    DeviceRegistry registry;
    RegisterCpuDevices(registry);
    RegisterCudaDevices(registry, driver_, 80);
    return DeviceSet::Make(registry, counts, gpu);
  }

  // The first words of the GPUs' descriptions.
  std::vector<std::string> Names(std::map<std::string, int> counts = kAllGpus,
                                 GpuOptions gpu = {}) {
    const absl::StatusOr<DeviceSet> set = Make(counts, gpu);
    EXPECT_THAT(set, IsOk());
    std::vector<std::string> names;
    for (int d = 1; d < set->size(); ++d) {
      const std::string text = set->device(d).description();
      names.push_back(text.substr(0, text.find(',')));
    }
    return names;
  }

  FakeCudaDriver driver_{
      {Gpu("A", 9), Gpu("Old", 7, 5), Gpu("B", 8, 6), Gpu("C", 12)}};
};

TEST_F(CudaDeviceTest, EveryGpuThatThisBuildHasCodeFor) {
  const absl::StatusOr<DeviceSet> set = Make();
  ASSERT_THAT(set, IsOk());
  ASSERT_EQ(set->size(), 4);
  EXPECT_EQ(set->device(0).type(), "CPU");
  EXPECT_EQ(set->device(1).name(),
            "/job:localhost/replica:0/task:0/device:GPU:0");
  EXPECT_EQ(set->device(3).name(),
            "/job:localhost/replica:0/task:0/device:GPU:2");
  EXPECT_EQ(set->device(1).description(),
            "A, compute capability 9.0, 132 multiprocessors, 0.1 GiB");
  EXPECT_GT(set->priority(1), set->priority(0));
  EXPECT_EQ(set->WhyNone("GPU"), "");
  EXPECT_THAT(Names(), ElementsAre("A", "B", "C"));
}

TEST_F(CudaDeviceTest, TheSessionSaysHowManyAndWhich) {
  EXPECT_THAT(Names({{"GPU", 2}}), ElementsAre("A", "B"));
  EXPECT_THAT(Names({{"GPU", 0}}), IsEmpty());
  EXPECT_THAT(Names({}, {.visible = {3, 0}}), ElementsAre("C", "A"));
  EXPECT_THAT(Names({{"GPU", 1}}, {.visible = {2, 0}}), ElementsAre("B"));
}

TEST_F(CudaDeviceTest, NoneUnlessTheSessionAsksForSome) {
  const absl::StatusOr<DeviceSet> set = Make({});
  ASSERT_THAT(set, IsOk());
  EXPECT_EQ(set->size(), 1);
  EXPECT_EQ(driver_.counts().contexts, 0);
  EXPECT_THAT(set->WhyNone("GPU"), HasSubstr("the session asks for none"));
  EXPECT_THAT(Names({{"CPU", 1}}), IsEmpty());
}

TEST_F(CudaDeviceTest, AListThatCannotBeMetIsAnError) {
  EXPECT_THAT(Make({}, {.visible = {4}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "the session asks for GPU 4; there are 4"));
  EXPECT_THAT(Make({}, {.visible = {-1}}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Make({}, {.visible = {0, 2, 0}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "the session asks for GPU 0 twice"));
  EXPECT_THAT(Make({}, {.visible = {1}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("Old has compute capability 7.5, and this "
                                 "build has kernels for 8.0 and newer")));
}

TEST_F(CudaDeviceTest, OnlyWhatIsUsedIsOpened) {
  absl::StatusOr<DeviceSet> set = Make();
  ASSERT_THAT(set, IsOk());
  EXPECT_EQ(driver_.counts().contexts, 0);
  {
    const auto buffer = set->device(2).Allocate(100, "w");
    ASSERT_THAT(buffer, IsOk());
    EXPECT_EQ(driver_.opened(0), 0);
    EXPECT_EQ(driver_.opened(2), 1) << "GPU:1 is the driver's number 2";
    const auto stream = set->device(2).NewStream();
    EXPECT_EQ(driver_.counts().contexts, 1);
  }
  set->device(1).Trim();  // opens nothing
  set->device(2).Trim();
  EXPECT_EQ(driver_.device_bytes(), 0);
  set = absl::UnknownError("gone");
  EXPECT_EQ(driver_.counts(), FakeCudaDriver::Counts{});
}

TEST_F(CudaDeviceTest, BuffersOutliveTheDevice) {
  std::shared_ptr<Buffer> buffer;
  {
    const absl::StatusOr<DeviceSet> set = Make();
    ASSERT_THAT(set, IsOk());
    buffer = *set->device(1).Allocate(100, "w");
  }
  EXPECT_EQ(driver_.counts().contexts, 1);
  buffer = nullptr;
  EXPECT_EQ(driver_.counts(), FakeCudaDriver::Counts{});
}

TEST_F(CudaDeviceTest, TheMemoryLimitBinds) {
  const absl::StatusOr<DeviceSet> set =
      Make({}, {.visible = {0}, .memory_limit = 2 * kMiB});
  ASSERT_THAT(set, IsOk());
  const auto fits = set->device(1).Allocate(2 * kMiB, "w");
  ASSERT_THAT(fits, IsOk());
  EXPECT_THAT(set->device(1).Allocate(1, "b"),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("device:GPU:0: no 1 B of GPU memory for b")));
}

TEST_F(CudaDeviceTest, AGpuThatCannotBeOpened) {
  driver_.FailFrom("MakeContext", 1, absl::UnavailableError("busy"));
  const absl::StatusOr<DeviceSet> set = Make();
  ASSERT_THAT(set, IsOk());
  EXPECT_THAT(set->device(1).Allocate(1, "w"),
              StatusIs(absl::StatusCode::kUnavailable, "busy"));
  const auto stream = set->device(1).NewStream();
  int host = 0;
  EXPECT_THAT(set->device(1).CopyFromHost(*stream, 0, &host, &host, 4),
              StatusIs(absl::StatusCode::kUnavailable, "busy"));
}

TEST_F(CudaDeviceTest, SaysWhyThereIsNone) {
  driver_.FailFrom("CountDevices", 1, absl::UnavailableError("no driver"));
  const absl::StatusOr<DeviceSet> set = Make();
  ASSERT_THAT(set, IsOk());
  EXPECT_EQ(set->size(), 1);
  EXPECT_EQ(set->WhyNone("GPU"), "no driver");
  EXPECT_EQ(set->WhyNone("CPU"), "");

  FakeCudaDriver old({Gpu("Old", 7, 5)}), none({});
  for (auto [driver, why] : {std::pair(&old, "Old has compute capability 7.5"),
                             std::pair(&none, "the driver shows none")}) {
    DeviceRegistry registry;
    RegisterCpuDevices(registry);
    RegisterCudaDevices(registry, *driver, 80);
    const auto devices = DeviceSet::Make(registry, kAllGpus);
    ASSERT_THAT(devices, IsOk());
    EXPECT_THAT(devices->WhyNone("GPU"), HasSubstr(why));
  }
}

// On whatever machine this runs.
TEST(SystemCudaDriverTest, IsThereOrSaysWhyNot) {
  const absl::StatusOr<CudaDriver*> driver = SystemCudaDriver();
  if (!driver.ok()) {
    EXPECT_NE(driver.status().message(), "");
    DeviceRegistry registry;
    RegisterCpuDevices(registry);
    RegisterCudaDevices(registry);
    const auto devices = DeviceSet::Make(registry, kAllGpus);
    ASSERT_THAT(devices, IsOk());
    EXPECT_EQ(devices->WhyNone("GPU"), OldestCudaArchitecture() == 0
                                           ? "this build has no CUDA kernels"
                                           : driver.status().message());
    GTEST_SKIP() << "no GPU: " << driver.status();
  }
  ASSERT_THAT((*driver)->CountDevices(), IsOk());
  const auto context = (*driver)->MakeContext(0);
  ASSERT_THAT(context, IsOk());
  CudaQueue queue(
      std::make_shared<CudaDeviceState>(*(*driver)->MakeContext(0), 0));
  queue.Reset();
}

}  // namespace
}  // namespace trellis
