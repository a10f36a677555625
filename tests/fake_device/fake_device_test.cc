#include "trellis/tests/fake_device/fake_device.h"

#include <immintrin.h>

#include <future>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/runtime/device.h"
#include "trellis/tests/fake_device/fake_stream.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

class FakeDeviceTest : public ::testing::Test {
 protected:
  FakeDeviceTest() {
    auto device = FakeDevice::Make(0, {.memory_bytes = 1 << 20});
    EXPECT_THAT(device, IsOk());
    device_ = *std::move(device);
    stream_ = device_->NewStream();
  }

  FakeStream& stream() { return static_cast<FakeStream&>(*stream_); }

  std::shared_ptr<Buffer> Allocate(size_t bytes) {
    auto buffer = device_->Allocate(bytes, "");
    EXPECT_THAT(buffer, IsOk());
    return *std::move(buffer);
  }

  // What is enqueued after this waits for Open().
  void Close() {
    stream().Enqueue(-1, [gate = gate_.get_future().share()] {
      gate.wait();
      return absl::OkStatus();
    });
  }
  void Open() { gate_.set_value(); }

  std::unique_ptr<FakeDevice> device_;
  std::promise<void> gate_;
  std::unique_ptr<Stream> stream_;  // ends before what its work uses
};

TEST_F(FakeDeviceTest, IsAnAsynchronousDevice) {
  EXPECT_EQ(device_->name(), "/job:localhost/replica:0/task:0/device:FAKE:0");
  EXPECT_EQ(device_->type(), kFake);
  EXPECT_FALSE(device_->is_host());
}

TEST_F(FakeDeviceTest, WorkRunsLaterAndInOrder) {
  std::vector<int> order;
  Close();
  for (int i = 0; i < 100; ++i) {
    stream().Enqueue(i, [&order, i] {
      order.push_back(i);
      return absl::OkStatus();
    });
  }
  EXPECT_THAT(order, ElementsAre());
  Open();
  ASSERT_THAT(stream_->WaitFor(stream_->Record()), IsOk());
  std::vector<int> expected(100);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(order, expected);
}

TEST_F(FakeDeviceTest, APointIsWhatWasEnqueuedSoFar) {
  bool first = false;
  stream().Enqueue(0, [&first] {
    first = true;
    return absl::OkStatus();
  });
  const uint64_t point = stream_->Record();
  Close();
  EXPECT_THAT(stream_->WaitFor(point), IsOk());  // hangs if it waits for more
  EXPECT_TRUE(first);
  Open();
}

TEST_F(FakeDeviceTest, WorkAfterAFailedStepIsDropped) {
  bool ran = false;
  stream().Enqueue(3, [] { return absl::AbortedError("broken"); });
  stream().Enqueue(4, [&ran] {
    ran = true;
    return absl::DataLossError("also broken");
  });
  EXPECT_THAT(stream_->WaitFor(stream_->Record()),
              StatusIs(absl::StatusCode::kAborted, "broken"));
  EXPECT_EQ(stream_->failed_step(), 3);
  EXPECT_FALSE(ran);
}

TEST_F(FakeDeviceTest, ResetForgetsTheError) {
  stream().Enqueue(3, [] { return absl::AbortedError("broken"); });
  stream_->Reset();
  EXPECT_EQ(stream_->failed_step(), -1);
  bool ran = false;
  stream().Enqueue(0, [&ran] {
    ran = true;
    return absl::OkStatus();
  });
  EXPECT_THAT(stream_->WaitFor(stream_->Record()), IsOk());
  EXPECT_TRUE(ran);
}

TEST_F(FakeDeviceTest, WorkHasTheFloatingPointModeOfItsCaller) {
  const unsigned mode = _mm_getcsr();
  unsigned seen[2] = {};
  for (int i = 0; i < 2; ++i) {
    _mm_setcsr(i == 0 ? mode | _MM_FLUSH_ZERO_ON : mode);
    stream().Enqueue(i, [&seen, i] {
      seen[i] = _mm_getcsr();
      return absl::OkStatus();
    });
  }
  ASSERT_THAT(stream_->WaitFor(stream_->Record()), IsOk());
  EXPECT_NE(seen[0] & _MM_FLUSH_ZERO_ON, 0);
  EXPECT_EQ(seen[1] & _MM_FLUSH_ZERO_ON, mode & _MM_FLUSH_ZERO_ON);
}

TEST_F(FakeDeviceTest, AnEndingStreamDoesItsWork) {
  int done = 0;
  for (int i = 0; i < 10; ++i) {
    stream().Enqueue(0, [&done] {
      ++done;
      return absl::OkStatus();
    });
  }
  stream_ = nullptr;
  EXPECT_EQ(done, 10);
}

TEST_F(FakeDeviceTest, CopiesThroughTheDevice) {
  std::vector<float> source = {1, 2, 3}, result(3);
  const auto a = Allocate(12), b = Allocate(12);
  Close();
  ASSERT_THAT(device_->CopyFromHost(*stream_, 0, a->data(), source.data(), 12),
              IsOk());
  source = {7, 8, 9};  // was read before the call returned
  ASSERT_THAT(device_->CopyOnDevice(*stream_, 1, b->data(), a->data(), 12),
              IsOk());
  ASSERT_THAT(device_->CopyToHost(*stream_, 2, result.data(), b->data(), 12),
              IsOk());
  EXPECT_THAT(result, ElementsAre(0, 0, 0));
  Open();
  ASSERT_THAT(stream_->WaitFor(stream_->Record()), IsOk());
  EXPECT_THAT(result, ElementsAre(1, 2, 3));
}

TEST_F(FakeDeviceTest, CopiesOfTheWrongMemoryAreInternalErrors) {
  constexpr auto kInternal = absl::StatusCode::kInternal;
  std::vector<char> host(128);
  const auto a = Allocate(64), b = Allocate(64);
  EXPECT_THAT(device_->CopyFromHost(*stream_, 0, host.data(), host.data(), 1),
              StatusIs(kInternal, HasSubstr("outside")));
  EXPECT_THAT(device_->CopyFromHost(*stream_, 0, a->data(), b->data(), 1),
              StatusIs(kInternal, HasSubstr("one of the host")));
  EXPECT_THAT(device_->CopyFromHost(*stream_, 0, a->data(), host.data(), 65),
              StatusIs(kInternal, HasSubstr("65 bytes")));
  EXPECT_THAT(device_->CopyToHost(*stream_, 0, a->data(), b->data(), 1),
              StatusIs(kInternal));
  EXPECT_THAT(device_->CopyToHost(*stream_, 0, host.data(), host.data(), 1),
              StatusIs(kInternal));
  EXPECT_THAT(device_->CopyOnDevice(*stream_, 0, a->data(), host.data(), 1),
              StatusIs(kInternal));
  EXPECT_THAT(device_->CopyOnDevice(*stream_, 0, host.data(), a->data(), 1),
              StatusIs(kInternal));
  EXPECT_THAT(device_->CopyFromHost(*stream_, 0, nullptr, nullptr, 0), IsOk());
}

TEST_F(FakeDeviceTest, MemoryOutlivesTheDevice) {
  auto buffer = Allocate(64);
  stream_ = nullptr;
  device_ = nullptr;
  buffer = nullptr;  // the sanitizers look
}

TEST(FakeFaultsTest, FailTheNthExecutionOfANodeOrAnOp) {
  FakeFaults faults;
  faults.FailAt("a", 2, absl::AbortedError("node"));
  faults.FailAt("MatMul", 3, absl::DataLossError("op"));
  EXPECT_THAT(faults.Execute("a", "MatMul"), IsOk());
  EXPECT_THAT(faults.Execute("a", "Neg"), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(faults.Execute("a", "MatMul"), IsOk());
  EXPECT_THAT(faults.Execute("b", "MatMul"),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(faults.Execute("b", "MatMul"), IsOk());
}

TEST(RegisterFakeDevicesTest, MakesAsManyAsAreAskedFor) {
  DeviceRegistry registry;
  RegisterCpuDevices(registry);
  RegisterFakeDevices(registry, {.memory_bytes = 1 << 20});
  for (const auto& [counts, size] :
       std::vector<std::pair<std::map<std::string, int>, int>>{
           {{}, 2}, {{{"FAKE", 0}}, 1}, {{{"FAKE", 2}, {"CPU", 2}}, 4}}) {
    const auto devices = DeviceSet::Make(registry, counts);
    ASSERT_THAT(devices, IsOk());
    EXPECT_EQ(devices->size(), size);
    EXPECT_TRUE(devices->device(0).is_host());
  }
}

}  // namespace
}  // namespace trellis
