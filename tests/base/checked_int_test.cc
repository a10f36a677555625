#include "trellis/base/checked_int.h"

#include <cstdint>
#include <limits>
#include <optional>

#include "gtest/gtest.h"

namespace trellis {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

TEST(CheckedIntTest, ResultsThatFitAreExact) {
  EXPECT_EQ(CheckedAdd(kMax - 1, 1), kMax);
  EXPECT_EQ(CheckedAdd(kMax, kMin), -1);
  EXPECT_EQ(CheckedSub(kMin + 1, 1), kMin);
  EXPECT_EQ(CheckedSub(-1, kMax), kMin);
  EXPECT_EQ(CheckedMul(int64_t{1} << 31, int64_t{1} << 31), int64_t{1} << 62);
  EXPECT_EQ(CheckedMul(kMin, 1), kMin);
  EXPECT_EQ(CheckedMul(kMax, 0), 0);
}

TEST(CheckedIntTest, OverflowIsNoticed) {
  EXPECT_EQ(CheckedAdd(kMax, 1), std::nullopt);
  EXPECT_EQ(CheckedAdd(kMin, -1), std::nullopt);
  EXPECT_EQ(CheckedSub(kMin, 1), std::nullopt);
  EXPECT_EQ(CheckedSub(0, kMin), std::nullopt);
  EXPECT_EQ(CheckedMul(int64_t{1} << 32, int64_t{1} << 31), std::nullopt);
  EXPECT_EQ(CheckedMul(kMin, -1), std::nullopt);
}

TEST(CheckedIntTest, RoundsUpToMultiples) {
  EXPECT_EQ(CheckedRoundUp(0, 64), 0);
  EXPECT_EQ(CheckedRoundUp(1, 64), 64);
  EXPECT_EQ(CheckedRoundUp(64, 64), 64);
  EXPECT_EQ(CheckedRoundUp(65, 3), 66);
  EXPECT_EQ(CheckedRoundUp(kMax - 62, 64), std::nullopt);
}

TEST(CheckedIntTest, CastsWhatFits) {
  EXPECT_EQ(CheckedCast<int32_t>(int64_t{-5}), -5);
  EXPECT_EQ(CheckedCast<int32_t>(int64_t{1} << 31), std::nullopt);
  EXPECT_EQ(CheckedCast<uint64_t>(-1), std::nullopt);
  EXPECT_EQ(CheckedCast<int64_t>(uint64_t{1} << 63), std::nullopt);
  EXPECT_EQ(CheckedCast<int64_t>((uint64_t{1} << 63) - 1), kMax);
  EXPECT_EQ(CheckedCast<uint8_t>(255), 255);
  EXPECT_EQ(CheckedCast<uint8_t>(256), std::nullopt);
}

TEST(CheckedIntTest, IsUsableInConstantExpressions) {
  static_assert(CheckedMul(6, 7) == 42);
  static_assert(!CheckedCast<int8_t>(128));
}

}  // namespace
}  // namespace trellis
