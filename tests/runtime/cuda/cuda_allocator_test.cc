#include "trellis/runtime/cuda_allocator.h"

#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/tests/runtime/cuda/fake_cuda_driver.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

constexpr size_t kMiB = size_t{1} << 20;

class CudaAllocatorTest : public ::testing::Test {
 protected:
  void* Allocate(CudaAllocator& allocator, size_t bytes,
                 absl::string_view owner = "x") {
    const absl::StatusOr<void*> address = allocator.Allocate(bytes, owner);
    EXPECT_THAT(address, IsOk());
    return address.ok() ? *address : nullptr;
  }

  FakeCudaDriver driver_{{{.name = "Fake", .memory_bytes = 16 * kMiB}}};
  std::unique_ptr<CudaContext> context_ = *driver_.MakeContext(0);
};

TEST_F(CudaAllocatorTest, CutsBlocksFromOneRegion) {
  CudaAllocator allocator(*context_, 0);
  char* a = static_cast<char*>(Allocate(allocator, 1));
  char* b = static_cast<char*>(Allocate(allocator, 300));
  char* c = static_cast<char*>(Allocate(allocator, 0));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(a) % 256, 0);
  EXPECT_EQ(b, a + 256);
  EXPECT_EQ(c, b + 512);
  EXPECT_EQ(driver_.calls("Allocate"), 1);
  EXPECT_EQ(allocator.region_bytes(), kMiB);
  EXPECT_EQ(allocator.used_bytes(), 1024);
  for (void* address : {b, a, c}) allocator.Free(address);
  EXPECT_EQ(allocator.used_bytes(), 0);
}

TEST_F(CudaAllocatorTest, TakesTheSmallestFreeBlockThatFits) {
  CudaAllocator allocator(*context_, 0);
  void* large = Allocate(allocator, 4096);
  void* wall1 = Allocate(allocator, 256);
  void* small = Allocate(allocator, 512);
  void* wall2 = Allocate(allocator, 256);
  allocator.Free(large);
  allocator.Free(small);
  EXPECT_EQ(Allocate(allocator, 300), small);
  EXPECT_EQ(Allocate(allocator, 600), large);
  for (void* a : {large, wall1, small, wall2}) allocator.Free(a);
}

TEST_F(CudaAllocatorTest, FreeNeighboursBecomeOne) {
  CudaAllocator allocator(*context_, 0);
  std::vector<void*> blocks;
  for (int i = 0; i < 4; ++i) blocks.push_back(Allocate(allocator, kMiB / 4));
  // In every order of giving back: the middle joins both sides.
  for (int i : {1, 3, 2, 0}) allocator.Free(blocks[i]);
  void* whole = Allocate(allocator, kMiB);
  EXPECT_EQ(whole, blocks[0]);
  EXPECT_EQ(driver_.calls("Allocate"), 1);
  allocator.Free(whole);
}

TEST_F(CudaAllocatorTest, RegionsGrow) {
  CudaAllocator allocator(*context_, 0);
  std::vector<void*> blocks;
  for (int i = 0; i < 7; ++i) blocks.push_back(Allocate(allocator, kMiB));
  EXPECT_EQ(driver_.calls("Allocate"), 3);  // 1 + 2 + 4
  EXPECT_EQ(allocator.region_bytes(), 7 * kMiB);
  // One that is larger than the next region has a region of its own.
  blocks.push_back(Allocate(allocator, 9 * kMiB));
  EXPECT_EQ(allocator.region_bytes(), 16 * kMiB);
  for (void* address : blocks) allocator.Free(address);
}

TEST_F(CudaAllocatorTest, TakesLessWhereTheDriverHasNoMore) {
  CudaAllocator allocator(*context_, 0);
  std::vector<void*> blocks;
  for (int i = 0; i < 15; ++i) blocks.push_back(Allocate(allocator, kMiB));
  // 1 + 2 + 4 + 8 are taken; the next would be 16, and 1 is there.
  blocks.push_back(Allocate(allocator, kMiB));
  EXPECT_EQ(driver_.device_bytes(), 16 * kMiB);
  for (void* address : blocks) allocator.Free(address);
}

TEST_F(CudaAllocatorTest, TrimGivesBackWhatIsFree) {
  CudaAllocator allocator(*context_, 0);
  void* a = Allocate(allocator, kMiB);
  void* b = Allocate(allocator, 2 * kMiB);
  allocator.Free(b);
  EXPECT_EQ(driver_.device_bytes(), 3 * kMiB);
  allocator.Trim();
  EXPECT_EQ(driver_.device_bytes(), kMiB);
  EXPECT_EQ(allocator.region_bytes(), kMiB);
  allocator.Free(a);
  allocator.Trim();
  EXPECT_EQ(driver_.device_bytes(), 0);
}

TEST_F(CudaAllocatorTest, MakesRoomFromRegionsThatAreTooSmall) {
  CudaAllocator allocator(*context_, 4 * kMiB);
  void* a = Allocate(allocator, kMiB);
  void* b = Allocate(allocator, 2 * kMiB);
  allocator.Free(a);
  allocator.Free(b);
  void* c = Allocate(allocator, 4 * kMiB);
  EXPECT_EQ(driver_.device_bytes(), 4 * kMiB);
  allocator.Free(c);
}

TEST_F(CudaAllocatorTest, TheLimitBindsAndTheReportSaysWhoHasWhat) {
  CudaAllocator allocator(*context_, 4 * kMiB);
  void* a = Allocate(allocator, 3 * kMiB, "arena");
  void* b = Allocate(allocator, kMiB / 2, "layer1/w");
  EXPECT_THAT(allocator.Allocate(kMiB, "layer2/w"),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("no 1 MiB of GPU memory for layer2/w: the "
                                 "session's limit is reached; in use: 3 MiB "
                                 "by arena, 512 KiB by layer1/w; free in "
                                 "pieces: 512 KiB; limit: 4 MiB")));
  EXPECT_LE(driver_.device_bytes(), 4 * kMiB);
  // What fits still does.
  void* c = Allocate(allocator, kMiB / 2);
  for (void* address : {a, b, c}) allocator.Free(address);
  EXPECT_THAT(allocator.Allocate(SIZE_MAX, "y"),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(CudaAllocatorTest, TheReportNamesTheLargestOwners) {
  CudaAllocator allocator(*context_, 0);
  std::vector<void*> blocks;
  for (int i = 0; i < 12; ++i) {
    blocks.push_back(
        Allocate(allocator, 1024 * (i + 1), absl::StrCat("node", i)));
  }
  blocks.push_back(Allocate(allocator, 20 * 1024, "node3"));
  EXPECT_THAT(allocator.Report(),
              AllOf(HasSubstr("in use: 24 KiB by node3, 12 KiB by node11"),
                    HasSubstr("11 KiB by others")));
  for (void* address : blocks) allocator.Free(address);
}

TEST_F(CudaAllocatorTest, OtherErrorsOfTheDriverArePassedOn) {
  driver_.FailFrom("Allocate", 1, absl::DataLossError("lost"));
  CudaAllocator allocator(*context_, 0);
  EXPECT_THAT(allocator.Allocate(1, "x"),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("lost")));
}

// Against a list of what is handed out: blocks never overlap, and everything
// is one free region in the end.
TEST_F(CudaAllocatorTest, RandomUse) {
  std::mt19937 random(7);
  CudaAllocator allocator(*context_, 8 * kMiB);
  std::map<char*, size_t> live;
  for (int step = 0; step < 5000; ++step) {
    if (live.empty() || random() % 3 != 0) {
      const size_t bytes = random() % (random() % 10 == 0 ? kMiB : 20000);
      const absl::StatusOr<void*> address = allocator.Allocate(bytes, "r");
      if (!address.ok()) {
        EXPECT_THAT(address, StatusIs(absl::StatusCode::kResourceExhausted));
        continue;
      }
      char* at = static_cast<char*>(*address);
      const auto next = live.lower_bound(at);
      if (next != live.end()) {
        ASSERT_LE(at + bytes, next->first);
      }
      if (next != live.begin()) {
        ASSERT_GE(at, std::prev(next)->first + std::prev(next)->second);
      }
      live[at] = bytes;
    } else {
      const auto it = std::next(live.begin(), random() % live.size());
      allocator.Free(it->first);
      live.erase(it);
    }
    ASSERT_LE(driver_.device_bytes(), 8 * kMiB);
  }
  for (const auto& [address, bytes] : live) allocator.Free(address);
  EXPECT_EQ(allocator.used_bytes(), 0);
  allocator.Trim();
  EXPECT_EQ(driver_.device_bytes(), 0);
}

}  // namespace
}  // namespace trellis
