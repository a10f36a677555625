#include "trellis/runtime/arena_pool.h"

#include <cstddef>
#include <map>

#include "gtest/gtest.h"
#include "trellis/base/aligned_memory.h"
#include "trellis/runtime/device.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using testing::IsOk;

class ArenaPoolTest : public ::testing::Test {
 protected:
  static DeviceSet OneCpu() {
    DeviceRegistry registry;
    RegisterCpuDevices(registry);
    return *DeviceSet::Make(registry, {});
  }

  const DeviceSet devices_ = OneCpu();
  ArenaPool pool_{devices_.device(0)};
};

TEST_F(ArenaPoolTest, GivesTheSmallestFreeBlockThatIsLargeEnough) {
  auto small = pool_.Lease(1000), large = pool_.Lease(5000);
  ASSERT_THAT(small, IsOk());
  ASSERT_THAT(large, IsOk());
  const Buffer* expected = small->get();
  pool_.Return(*std::move(large));
  pool_.Return(*std::move(small));
  const auto block = pool_.Lease(900);
  ASSERT_THAT(block, IsOk());
  EXPECT_EQ(block->get(), expected);
}

TEST_F(ArenaPoolTest, ABlockGrowsWithinItsHugePages) {
  auto block = pool_.Lease(kHugePageSize + 1);
  ASSERT_THAT(block, IsOk());
  EXPECT_EQ((*block)->bytes(), static_cast<size_t>(2 * kHugePageSize));
  const Buffer* expected = block->get();
  pool_.Return(*std::move(block));
  block = pool_.Lease(2 * kHugePageSize);
  ASSERT_THAT(block, IsOk());
  EXPECT_EQ(block->get(), expected);
}

TEST_F(ArenaPoolTest, ReservesBlocksForRunsAtOnce) {
  ASSERT_THAT(pool_.Reserve(3, 6400), IsOk());
  EXPECT_EQ(pool_.free_bytes(), 3u * 6400);
  // What is there already counts.
  ASSERT_THAT(pool_.Reserve(4, 6400), IsOk());
  EXPECT_EQ(pool_.free_bytes(), 4u * 6400);
  pool_.Trim();
  EXPECT_EQ(pool_.free_bytes(), 0u);
}

TEST_F(ArenaPoolTest, NobodyHasAllMemoryThereCouldBe) {
  EXPECT_FALSE(pool_.Lease(SIZE_MAX).ok());
  EXPECT_FALSE(pool_.Lease(SIZE_MAX / 2).ok());
}

}  // namespace
}  // namespace trellis
