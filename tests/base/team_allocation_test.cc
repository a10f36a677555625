// Counts every allocation of this program, so it stands alone.
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>

#include "gtest/gtest.h"
#include "trellis/base/team.h"

namespace {
std::atomic<int64_t> allocations{0};
}  // namespace

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace trellis {
namespace {

TEST(TeamAllocationTest, RunsAllocateNothing) {
  Team team(3);
  std::atomic<int64_t> sum{0};
  const int64_t before = allocations;
  EXPECT_GT(before, 0);  // the counter works: the team itself allocated
  for (int i = 0; i < 1000; ++i) {
    team.Run(8, [&](int64_t tile) { sum += tile; });
    ForRange(team, 100, 10,
             [&](int64_t begin, int64_t end) { sum += end - begin; });
  }
  EXPECT_EQ(allocations - before, 0);
  EXPECT_EQ(sum, 1000 * (28 + 100));
}

}  // namespace
}  // namespace trellis
