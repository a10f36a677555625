#include "trellis/base/aligned_memory.h"

#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace trellis {
namespace {

int64_t Misalignment(const AlignedBlock& block, int64_t alignment) {
  return reinterpret_cast<uintptr_t>(block.data()) % alignment;
}

TEST(AlignedBlockTest, EveryByteIsUsable) {
  for (const int64_t bytes :
       {int64_t{1}, int64_t{63}, int64_t{64}, int64_t{100'000},
        kHugePageSize - 1, kHugePageSize, 3 * kHugePageSize + 5}) {
    for (const bool prefault : {false, true}) {
      auto block = AlignedBlock::Allocate(bytes, {.prefault = prefault});
      ASSERT_TRUE(block.ok()) << block.status();
      EXPECT_EQ(block->size(), bytes);
      std::memset(block->data(), 0x5a, bytes);
      EXPECT_EQ(static_cast<char*>(block->data())[bytes - 1], 0x5a);
    }
  }
}

TEST(AlignedBlockTest, SmallBlocksBeginOnACacheLine) {
  for (int64_t bytes = 1; bytes < 1000; bytes += 37) {
    EXPECT_EQ(Misalignment(*AlignedBlock::Allocate(bytes), kMemoryAlignment),
              0);
  }
}

TEST(AlignedBlockTest, LargeBlocksBeginOnAHugePage) {
  for (const int64_t bytes : {kHugePageSize, 2 * kHugePageSize + 1}) {
    const auto one = AlignedBlock::Allocate(bytes);
    const auto two = AlignedBlock::Allocate(bytes);
    EXPECT_EQ(Misalignment(*one, kHugePageSize), 0);
    EXPECT_EQ(Misalignment(*two, kHugePageSize), 0);
  }
}

TEST(AlignedBlockTest, NoBytesAreAnEmptyBlock) {
  const auto block = AlignedBlock::Allocate(0);
  ASSERT_TRUE(block.ok());
  EXPECT_EQ(block->data(), nullptr);
  EXPECT_EQ(block->size(), 0);
  EXPECT_EQ(AlignedBlock().data(), nullptr);
}

TEST(AlignedBlockTest, MovingPassesTheMemoryOn) {
  AlignedBlock a = *AlignedBlock::Allocate(100);
  void* const data = a.data();
  AlignedBlock b = std::move(a);
  EXPECT_EQ(b.data(), data);
  EXPECT_EQ(a.data(), nullptr);
  AlignedBlock c = *AlignedBlock::Allocate(kHugePageSize);
  c = std::move(b);
  EXPECT_EQ(c.data(), data);
  EXPECT_EQ(c.size(), 100);
  EXPECT_EQ(b.data(), nullptr);
  EXPECT_EQ(b.size(), 0);
}

TEST(AlignedBlockTest, WhatTheSystemDoesNotHaveIsAnError) {
  for (const int64_t bytes :
       {int64_t{1} << 60, std::numeric_limits<int64_t>::max()}) {
    const absl::Status status = AlignedBlock::Allocate(bytes).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
    EXPECT_TRUE(absl::StrContains(status.message(), std::to_string(bytes)))
        << status;
  }
}

TEST(AlignedBlockTest, NegativeSizesAreInvalid) {
  EXPECT_EQ(AlignedBlock::Allocate(-1).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace trellis
