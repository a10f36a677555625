#include "trellis/tests/fake_device/fake_memory.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>

#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

std::shared_ptr<FakeMemory> Memory(size_t capacity = 1 << 20) {
  absl::StatusOr<std::shared_ptr<FakeMemory>> memory =
      FakeMemory::Make(capacity);
  EXPECT_THAT(memory, IsOk());
  return *std::move(memory);
}

char* Allocate(FakeMemory& memory, size_t bytes) {
  const absl::StatusOr<void*> address = memory.Allocate(bytes);
  EXPECT_THAT(address, IsOk());
  return static_cast<char*>(*address);
}

TEST(FakeMemoryDeathTest, ADirectAccessFaults) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto memory = Memory();
  volatile char* address = Allocate(*memory, 64);
  EXPECT_DEATH(address[0] = 1, "");
  EXPECT_DEATH((void)address[63], "");
}

TEST(FakeMemoryTest, TheBackingHoldsTheBytes) {
  const auto memory = Memory();
  char* address = Allocate(*memory, 100);
  const absl::StatusOr<char*> all = memory->Backing(address, 100);
  ASSERT_THAT(all, IsOk());
  std::memset(*all, 7, 100);
  const absl::StatusOr<char*> tail = memory->Backing(address + 96, 4);
  ASSERT_THAT(tail, IsOk());
  EXPECT_EQ(*tail, *all + 96);
  EXPECT_EQ((*tail)[3], 7);
}

TEST(FakeMemoryTest, FloatsThatNobodyWroteAreNan) {
  const auto memory = Memory();
  for (int i = 0; i < 2; ++i) {
    char* address = Allocate(*memory, sizeof(float));
    const absl::StatusOr<char*> bytes = memory->Backing(address, sizeof(float));
    ASSERT_THAT(bytes, IsOk());
    float value;
    std::memcpy(&value, *bytes, sizeof(value));
    EXPECT_TRUE(std::isnan(value));
    std::memset(*bytes, 0, sizeof(value));
    memory->Free(address);
  }
}

TEST(FakeMemoryTest, RangesOutsideOfOneAllocationAreInternalErrors) {
  const auto memory = Memory();
  char* a = Allocate(*memory, 128);
  char* b = Allocate(*memory, 128);
  EXPECT_THAT(memory->Backing(a + 64, 65),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("65 bytes")));
  EXPECT_THAT(memory->Backing(b + 129, 0),
              StatusIs(absl::StatusCode::kInternal));
  memory->Free(a);
  EXPECT_THAT(memory->Backing(a, 1), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(memory->Backing(b, 128), IsOk());
  char host = 0;
  EXPECT_THAT(memory->Backing(&host, 1),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("outside")));
}

TEST(FakeMemoryTest, AllocationsAreAlignedAndReused) {
  const auto memory = Memory(256);
  char* a = Allocate(*memory, 1);
  char* b = Allocate(*memory, 100);
  char* c = Allocate(*memory, 0);
  for (char* address : {a, b, c}) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(address) % 64, 0);
    EXPECT_TRUE(memory->Contains(address));
  }
  EXPECT_EQ(memory->allocated_bytes(), 256);
  memory->Free(b);
  EXPECT_EQ(Allocate(*memory, 128), b);
}

TEST(FakeMemoryTest, MoreThanThereIsIsResourceExhausted) {
  const auto memory = Memory(4096);
  EXPECT_THAT(memory->Allocate(4097),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("4097 bytes left of 4096")));
  EXPECT_THAT(memory->Allocate(SIZE_MAX),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(memory->Allocate(4096), IsOk());
  EXPECT_THAT(memory->Allocate(1),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace trellis
