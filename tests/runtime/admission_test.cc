#include "trellis/runtime/admission.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace trellis {
namespace {

TEST(AdmissionTest, ReadersShare) {
  Admission admission;
  admission.Enter(false);
  admission.Enter(false);  // would never return if it were exclusive
  admission.Leave(false);
  admission.Leave(false);
}

TEST(AdmissionTest, AWriterIsAlone) {
  Admission admission;
  int value = 0;  // guarded by admission; ThreadSanitizer watches, too
  std::atomic<int> readers = 0, writers = 0;  // that are inside
  std::atomic<bool> alone = true;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        admission.Enter(true);
        if (writers.fetch_add(1) != 0 || readers != 0) alone = false;
        ++value;
        --writers;
        admission.Leave(true);
      }
    });
    threads.emplace_back([&] {
      int sum = 0;
      for (int i = 0; i < 2000; ++i) {
        admission.Enter(false);
        ++readers;
        if (writers != 0) alone = false;
        sum += value;
        std::this_thread::yield();  // so that a writer comes to wait
        --readers;
        admission.Leave(false);
      }
      EXPECT_GE(sum, 0);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(alone);
  EXPECT_EQ(value, 4 * 2000);
}

// Without a queue the readers below would keep a writer out for good: there is
// always one inside.
TEST(AdmissionTest, ReadersThatOverlapDoNotStarveAWriter) {
  Admission admission;
  std::atomic<bool> written = false;
  const auto read_until_written = [&] {
    while (!written) {
      admission.Enter(false);
      std::this_thread::yield();
      admission.Leave(false);
    }
  };
  admission.Enter(false);
  std::thread writer([&] {
    admission.Enter(true);
    written = true;
    admission.Leave(true);
  });
  std::thread a(read_until_written), b(read_until_written);
  admission.Leave(false);
  writer.join();
  a.join();
  b.join();
  EXPECT_TRUE(written);
}

TEST(AdmissionTest, AWaitEndsAtItsDeadline) {
  Admission admission;
  admission.Enter(true);
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(5);
  EXPECT_FALSE(admission.Enter(false, {.deadline = deadline}));
  EXPECT_GE(std::chrono::steady_clock::now(), deadline);
  admission.Leave(true);
  // Nobody is in the way: the limits do not matter.
  EXPECT_TRUE(admission.Enter(true, {.deadline = deadline}));
  admission.Leave(true);
}

TEST(AdmissionTest, AWaitEndsWhenItIsCancelled) {
  Admission admission;
  admission.Enter(false);
  std::atomic<bool> cancelled = false;
  std::thread canceller([&] { cancelled = true; });
  EXPECT_FALSE(admission.Enter(true, {.cancelled = &cancelled}));
  canceller.join();
  admission.Leave(false);
}

// A reader stands in line behind a writer, which waits for the reader inside.
TEST(AdmissionTest, WhoGivesUpLetsInThoseBehind) {
  Admission admission;
  admission.Enter(false);
  std::atomic<bool> cancelled = false, gave_up = false;
  std::thread writer(
      [&] { gave_up = !admission.Enter(true, {.cancelled = &cancelled}); });
  // Once a reader has to wait, the writer is in line.
  while (admission.Enter(false, {.deadline = {}})) admission.Leave(false);
  std::thread reader([&] {
    admission.Enter(false);
    admission.Leave(false);
  });
  cancelled = true;
  writer.join();
  reader.join();
  EXPECT_TRUE(gave_up);
  admission.Leave(false);
}

}  // namespace
}  // namespace trellis
