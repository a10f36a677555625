#include "trellis/runtime/admission.h"

#include <atomic>
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

}  // namespace
}  // namespace trellis
