// The steady state of a callable allocates nothing: counted at malloc itself.
#include <atomic>
#include <cstddef>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
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
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

std::vector<std::pair<TensorRef, Shape>> FeedShapes(const ChainGraph& chain) {
  std::vector<std::pair<TensorRef, Shape>> shapes;
  for (const TensorRef& feed : chain.feeds) {
    shapes.emplace_back(feed, Shape::Scalar());
  }
  return shapes;
}

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
  constexpr int kThreads = 4;
  ChainGraph chain(100);
  auto session = NewSession(chain.graph, {.threads = 2});
  ASSERT_THAT(session, IsOk());
  auto callable = (*session)->MakeCallable(chain.feeds, {chain.sum});
  ASSERT_THAT(callable, IsOk());
  ASSERT_THAT((*session)->Prepare(FeedShapes(chain), {chain.sum}, {},
                                  {.concurrent_runs = kThreads}),
              IsOk());
  std::atomic<int> warm = 0, done = 0, failed = 0;
  std::atomic<bool> go = false, leave = false;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      // One run makes the results that the others reuse.
      std::vector<Tensor> results;
      if (!callable->Run(chain.values, &results).ok()) ++failed;
      ++warm;
      while (!go) std::this_thread::yield();
      for (int i = 0; i < 1000; ++i) {
        if (!callable->Run(chain.values, &results).ok()) ++failed;
      }
      ++done;
      while (!leave) std::this_thread::yield();
    });
  }
  while (warm < kThreads) std::this_thread::yield();
  const int64_t before = allocations;
  go = true;
  while (done < kThreads) std::this_thread::yield();
  const int64_t counted = allocations - before;
  leave = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(counted, 0);
}

TEST(AllocationTest, NorDoesTheFirstRunAfterPrepare) {
  ChainGraph chain(100);
  auto session = NewSession(chain.graph, {.threads = 0});
  ASSERT_THAT(session, IsOk());
  ASSERT_THAT((*session)->Prepare(FeedShapes(chain), {chain.sum}), IsOk());
  auto callable = (*session)->MakeCallable(chain.feeds, {chain.sum});
  ASSERT_THAT(callable, IsOk());
  std::vector<Tensor> results = {Tensor::Scalar(0.0f)};
  const int64_t before = allocations;
  const absl::Status status = callable->Run(chain.values, &results);
  EXPECT_EQ(allocations - before, 0);
  EXPECT_THAT(status, IsOk());
}

TEST(AllocationTest, PrepareIsForARunAtLeast) {
  ChainGraph chain(2);
  auto session = NewSession(chain.graph, {.threads = 0});
  ASSERT_THAT(session, IsOk());
  EXPECT_THAT((*session)->Prepare({}, {chain.sum}, {}, {.concurrent_runs = 0}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("concurrent_runs is 0, must be >= 1")));
}

}  // namespace
}  // namespace trellis
