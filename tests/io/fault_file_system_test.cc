#include "trellis/io/fault_file_system.h"

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/io/memory_file_system.h"
#include "trellis/io/whole_file.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::StatusIs;

TEST(FaultFileSystemTest, TheNthOperationFailsAndOnlyThat) {
  MemoryFileSystem memory;
  FaultFileSystem files(memory);
  files.FailAt(1, /*stay_down=*/false);
  EXPECT_THAT(files.CreateDir("a"), IsOk());
  EXPECT_THAT(files.CreateDir("b"),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr("b: injected fault at operation 1"),
                             HasSubstr("CreateDir"))));
  EXPECT_THAT(files.CreateDir("c"), IsOk());
  EXPECT_THAT(memory.Exists("b"), IsOkAndHolds(false));
  EXPECT_EQ(files.operations(), 3);
  EXPECT_EQ(files.faults(), 1);
}

TEST(FaultFileSystemTest, StayingDownFailsEverythingAfter) {
  MemoryFileSystem memory;
  FaultFileSystem files(memory);
  files.FailAt(1, /*stay_down=*/true);
  EXPECT_THAT(files.CreateDir("a"), IsOk());
  EXPECT_FALSE(files.CreateDir("b").ok());
  EXPECT_FALSE(files.List("/").ok());
  files.Heal();
  EXPECT_THAT(files.CreateDir("b"), IsOk());
}

TEST(FaultFileSystemTest, AFailingAppendWritesAPartAndTheErrorSticks) {
  MemoryFileSystem memory;
  FaultFileSystem files(memory);
  files.FailAt(1, /*stay_down=*/false);
  auto file = files.NewWritableFile("f", WriteMode::kReplace);
  ASSERT_THAT(file, IsOk());
  EXPECT_FALSE((*file)->Append("0123456789").ok());
  EXPECT_FALSE((*file)->Append("more").ok());
  EXPECT_FALSE((*file)->Close().ok());
  const std::string written = ReadWholeFile(memory, "f").value();
  EXPECT_EQ(written, std::string("0123456789").substr(0, written.size()));
}

TEST(FaultFileSystemTest, ReadsFailToo) {
  MemoryFileSystem memory;
  ASSERT_THAT(WriteFileAtomically(memory, "f", "abc"), IsOk());
  FaultFileSystem files(memory);
  files.FailAt(1, /*stay_down=*/false);
  EXPECT_THAT(ReadWholeFile(files, "f"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("Read")));
  EXPECT_THAT(ReadWholeFile(files, "f"), IsOkAndHolds("abc"));
}

TEST(FaultFileSystemTest, RandomFaultsFollowTheirSeed) {
  const auto pattern = [](uint64_t seed) {
    MemoryFileSystem memory;
    FaultFileSystem files(memory);
    files.FailRandomly(0.3, seed);
    std::string outcome;
    for (int i = 0; i < 1000; ++i) outcome += files.List("/").ok() ? '.' : 'x';
    EXPECT_GT(files.faults(), 200);
    EXPECT_LT(files.faults(), 400);
    return outcome;
  };
  EXPECT_EQ(pattern(1), pattern(1));
  EXPECT_NE(pattern(1), pattern(2));
}

}  // namespace
}  // namespace trellis
