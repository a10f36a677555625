#include "trellis/runtime/cuda_queue.h"

#include <cstring>
#include <memory>
#include <numeric>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/tests/runtime/cuda/fake_cuda_driver.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

class CudaQueueTest : public ::testing::Test {
 protected:
  CudaQueueTest()
      : state_(std::make_shared<CudaDeviceState>(*driver_.MakeContext(0), 0)),
        queue_(std::make_unique<CudaQueue>(state_)) {}

  ~CudaQueueTest() override {
    for (void* address : device_) state_->memory.Free(address);
    queue_ = nullptr;
    state_ = nullptr;
    // Everything was given back.
    EXPECT_EQ(driver_.counts(), FakeCudaDriver::Counts{});
  }

  int* OnDevice(int n) {
    device_.push_back(*state_->memory.Allocate(n * sizeof(int), "test"));
    return static_cast<int*>(device_.back());
  }

  // to[i] = from[i] + 1 on the GPU.
  void LaunchIncrement(int* to, const int* from, int n) {
    const absl::StatusOr<void*> stream = queue_->BeginLaunch();
    ASSERT_THAT(stream, IsOk());
    FakeCudaDriver::Launch(*stream, [=] {
      for (int i = 0; i < n; ++i) to[i] = from[i] + 1;
    });
  }

  FakeCudaDriver driver_{{{.name = "Fake", .memory_bytes = size_t{1} << 28}}};
  std::shared_ptr<CudaDeviceState> state_;
  std::unique_ptr<CudaQueue> queue_;
  std::vector<void*> device_;
};

TEST_F(CudaQueueTest, CopiesAndKernelsKeepTheirOrder) {
  int* a = OnDevice(3);
  int* b = OnDevice(3);
  std::vector<int> host = {1, 2, 3}, result(3), later(3);
  ASSERT_THAT(queue_->CopyFromHost(a, host.data(), 12), IsOk());
  host.assign(3, -1);  // was read already
  LaunchIncrement(b, a, 3);
  ASSERT_THAT(queue_->CopyToHost(result.data(), b, 12), IsOk());
  const uint64_t point = queue_->Record();
  // The arena gives the bytes of b to another value.
  LaunchIncrement(b, b, 3);
  ASSERT_THAT(queue_->CopyToHost(later.data(), b, 12), IsOk());
  EXPECT_EQ(driver_.log(), "") << "nothing is done before somebody waits";

  ASSERT_THAT(queue_->WaitFor(point), IsOk());
  EXPECT_THAT(result, ElementsAre(2, 3, 4));
  EXPECT_EQ(driver_.log(), "copy 12 to device; kernel; copy 12 to host");
  ASSERT_THAT(queue_->WaitFor(queue_->Record()), IsOk());
  EXPECT_THAT(later, ElementsAre(3, 4, 5));
}

TEST_F(CudaQueueTest, CopiesInARowNeedNoEvents) {
  int* a = OnDevice(2);
  const int host[] = {1, 2};
  ASSERT_THAT(queue_->CopyFromHost(a, host, 4), IsOk());
  ASSERT_THAT(queue_->CopyFromHost(a + 1, host + 1, 4), IsOk());
  EXPECT_EQ(driver_.calls("Wait"), 0);
  LaunchIncrement(a, a, 2);
  LaunchIncrement(a, a, 2);
  EXPECT_EQ(driver_.calls("Wait"), 1);
}

TEST_F(CudaQueueTest, LargeCopiesGoInPieces) {
  constexpr int kInts = 12 << 20;  // 48 MiB: more than is staged at once
  int* a = OnDevice(kInts);
  std::vector<int> host(kInts), result(kInts);
  std::iota(host.begin(), host.end(), 0);
  ASSERT_THAT(queue_->CopyFromHost(a, host.data(), kInts * sizeof(int)),
              IsOk());
  ASSERT_THAT(queue_->CopyToHost(result.data(), a, kInts * sizeof(int)),
              IsOk());
  ASSERT_THAT(queue_->WaitFor(queue_->Record()), IsOk());
  EXPECT_EQ(result, host);
  // 7 MiB: two blocks.
  std::vector<int> part(7 << 18);
  ASSERT_THAT(queue_->CopyToHost(part.data(), a + 1, part.size() * 4), IsOk());
  ASSERT_THAT(queue_->WaitFor(queue_->Record()), IsOk());
  EXPECT_TRUE(std::equal(part.begin(), part.end(), host.begin() + 1));
}

TEST_F(CudaQueueTest, TheSteadyStateMakesNothing) {
  int* a = OnDevice(1);
  int host = 0;
  const auto run = [&] {
    ASSERT_THAT(queue_->CopyFromHost(a, &host, 4), IsOk());
    LaunchIncrement(a, a, 1);
    ASSERT_THAT(queue_->CopyToHost(&host, a, 4), IsOk());
    ASSERT_THAT(queue_->WaitFor(queue_->Record()), IsOk());
    queue_->Reset();
  };
  run();
  const FakeCudaDriver::Counts counts = driver_.counts();
  const int pinned = driver_.calls("AllocatePinned"),
            events = driver_.calls("CreateEvent");
  for (int i = 0; i < 10; ++i) run();
  EXPECT_EQ(host, 11);
  EXPECT_EQ(driver_.counts(), counts);
  EXPECT_EQ(driver_.calls("AllocatePinned"), pinned);
  EXPECT_EQ(driver_.calls("CreateEvent"), events);
}

TEST_F(CudaQueueTest, ManyPointsWithoutAReset) {
  int* a = OnDevice(1);
  for (int i = 0; i < 100; ++i) {
    int result = -1;
    ASSERT_THAT(queue_->CopyFromHost(a, &i, 4), IsOk());
    ASSERT_THAT(queue_->CopyToHost(&result, a, 4), IsOk());
    ASSERT_THAT(queue_->WaitFor(queue_->Record()), IsOk());
    EXPECT_EQ(result, i);
  }
  EXPECT_LE(driver_.counts().events, 4);
}

TEST_F(CudaQueueTest, AFailedCheckIsReportedWithItsStepAndElement) {
  const auto check = [&](int step, int64_t failure) {
    const absl::StatusOr<int64_t*> word = queue_->BeginCheck();
    ASSERT_THAT(word, IsOk());
    const absl::StatusOr<void*> stream = queue_->BeginLaunch();
    ASSERT_THAT(stream, IsOk());
    FakeCudaDriver::Launch(*stream, [word = *word, failure] {
      if (failure < *word) *word = failure;
    });
    ASSERT_THAT(queue_->EndCheck(step, *word,
                                 [](int64_t i) {
                                   return absl::InvalidArgumentError(
                                       absl::StrCat("element ", i));
                                 }),
                IsOk());
  };
  for (int i = 0; i < 3 * CudaQueue::kMaxChecks; ++i) {
    check(i, CudaStream::kNoFailure);
  }
  EXPECT_THAT(queue_->WaitFor(queue_->Record()), IsOk());
  EXPECT_EQ(queue_->failed_step(), -1);
  check(7, CudaStream::kNoFailure);
  check(8, 5);
  check(9, 6);
  EXPECT_THAT(queue_->WaitFor(queue_->Record()),
              StatusIs(absl::StatusCode::kInvalidArgument, "element 5"));
  EXPECT_EQ(queue_->failed_step(), 8);
  queue_->Reset();
  EXPECT_EQ(queue_->failed_step(), -1);
  EXPECT_THAT(queue_->WaitFor(queue_->Record()), IsOk());
}

TEST_F(CudaQueueTest, ErrorsOfTheDriverStayUntilAReset) {
  int* a = OnDevice(1);
  int host = 1;
  ASSERT_THAT(queue_->CopyFromHost(a, &host, 4), IsOk());
  driver_.FailFrom("Synchronize", 1, absl::DataLossError("lost"));
  int result = 7;
  ASSERT_THAT(queue_->CopyToHost(&result, a, 4), IsOk());
  EXPECT_THAT(queue_->WaitFor(queue_->Record()),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("lost")));
  EXPECT_EQ(result, 7) << "what did not arrive is not delivered";
  queue_->Reset();
}

TEST_F(CudaQueueTest, EveryCallCanFail) {
  for (const char* call :
       {"CreateStream", "CreateEvent", "Record", "Wait", "CopyFromHost",
        "CopyToHost", "AllocatePinned", "MakeCurrent", "Fill"}) {
    FakeCudaDriver driver({{.name = "Fake", .memory_bytes = size_t{1} << 28}});
    driver.FailFrom(call, 1, absl::InternalError("as told"));
    auto state = std::make_shared<CudaDeviceState>(*driver.MakeContext(0), 0);
    void* a = *state->memory.Allocate(4, "test");
    {
      CudaQueue queue(state);
      int host = 1;
      absl::Status status = queue.CopyFromHost(a, &host, 4);
      status.Update(queue.BeginLaunch().status());
      status.Update(queue.BeginCheck().status());
      status.Update(queue.CopyToHost(&host, a, 4));
      status.Update(queue.WaitFor(queue.Record()));
      EXPECT_THAT(status, StatusIs(absl::StatusCode::kInternal, "as told"))
          << call;
      queue.Reset();
    }
    state->memory.Free(a);
  }
}

TEST_F(CudaQueueTest, AGpuThatCannotBeOpenedFailsEverything) {
  CudaQueue queue(absl::UnavailableError("busy"));
  int host = 1;
  const absl::Status results[] = {
      queue.CopyFromHost(&host, &host, 4), queue.CopyToHost(&host, &host, 4),
      queue.CopyOnDevice(&host, &host, 4), queue.BeginLaunch().status(),
      queue.BeginCheck().status()};
  EXPECT_THAT(results, Each(absl::UnavailableError("busy")));
  EXPECT_THAT(queue.WaitFor(queue.Record()), IsOk());
  queue.Reset();
}

}  // namespace
}  // namespace trellis
