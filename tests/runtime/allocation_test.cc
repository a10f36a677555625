// The steady state of a callable allocates nothing: counted at malloc itself.
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "trellis/tests/runtime/chain_graph.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/trellis.h"

namespace {
std::atomic<int64_t> allocations = 0;
}  // namespace

extern "C" {
void* __libc_malloc(size_t bytes);
void* __libc_memalign(size_t alignment, size_t bytes);

void* malloc(size_t bytes) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(bytes);
}
void* aligned_alloc(size_t alignment, size_t bytes) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_memalign(alignment, bytes);
}
}  // extern "C"

namespace trellis {
namespace {

using testing::ChainGraph;
using testing::IsOk;

TEST(AllocationTest, TheCounterCounts) {
  const int64_t before = allocations;
  const std::vector<int> some(1000);
  EXPECT_GT(allocations, before) << some.size();
}

TEST(AllocationTest, ACallableWithReusedResultsAllocatesNothing) {
  ChainGraph chain(100);
  auto session = NewSession(chain.graph, {.threads = 0});
  ASSERT_THAT(session, IsOk());
  auto callable = (*session)->MakeCallable(chain.feeds, {chain.sum});
  ASSERT_THAT(callable, IsOk());
  std::vector<Tensor> results;
  for (int i = 0; i < 3; ++i) {
    ASSERT_THAT(callable->Run(chain.values, &results), IsOk());
  }
  const int64_t before = allocations;
  for (int i = 0; i < 1000; ++i) {
    if (!callable->Run(chain.values, &results).ok()) FAIL();
  }
  EXPECT_EQ(allocations - before, 0);
}

TEST(AllocationTest, NorDoFourThreadsAtOnce) {
  ChainGraph chain(100);
  auto session = NewSession(chain.graph, {.threads = 2});
  ASSERT_THAT(session, IsOk());
  auto callable = (*session)->MakeCallable(chain.feeds, {chain.sum});
  ASSERT_THAT(callable, IsOk());
  constexpr int kThreads = 4;
  std::atomic<int> warm = 0, done = 0, failed = 0;
  std::atomic<bool> go = false, leave = false;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      std::vector<Tensor> results;
      // All four run at once before anything is counted, so that there are four
      // run states.
      ++warm;
      while (warm < kThreads) {
      }
      for (int i = 0; i < 200; ++i) {
        if (!callable->Run(chain.values, &results).ok()) ++failed;
      }
      ++warm;
      while (!go) {
      }
      for (int i = 0; i < 1000; ++i) {
        if (!callable->Run(chain.values, &results).ok()) ++failed;
      }
      ++done;
      while (!leave) {
      }
    });
  }
  while (warm < 2 * kThreads) std::this_thread::yield();
  const int64_t before = allocations;
  go = true;
  while (done < kThreads) std::this_thread::yield();
  const int64_t counted = allocations - before;
  leave = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  // A run state more, where more runs met than in the warm-up, is no step cost.
  EXPECT_LE(counted, 64);
}

}  // namespace
}  // namespace trellis
