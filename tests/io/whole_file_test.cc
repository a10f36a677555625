#include "trellis/io/whole_file.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/io/fault_file_system.h"
#include "trellis/io/memory_file_system.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::StatusIs;
using ::testing::UnorderedElementsAre;

TEST(WholeFileTest, ReadKeepsToItsLimit) {
  MemoryFileSystem files;
  ASSERT_THAT(WriteFileAtomically(files, "f", "12345"), IsOk());
  EXPECT_THAT(ReadWholeFile(files, "f", 5), IsOkAndHolds("12345"));
  EXPECT_THAT(ReadWholeFile(files, "f", 4),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("f: has 5 bytes, the limit is 4")));
}

TEST(WholeFileTest, AWrittenFileSurvivesACrashAndLeavesNoOther) {
  MemoryFileSystem files;
  ASSERT_THAT(files.CreateDirs("d"), IsOk());
  ASSERT_THAT(WriteFileAtomically(files, "d/f", "one"), IsOk());
  ASSERT_THAT(WriteFileAtomically(files, "d/f", "two"), IsOk());
  files.Crash();
  EXPECT_THAT(ReadWholeFile(files, "d/f"), IsOkAndHolds("two"));
  EXPECT_THAT(files.List("d"), IsOkAndHolds(ElementsAre("f")));
}

TEST(WholeFileTest, AFailureAnywhereLeavesTheOldOrTheNewFile) {
  int64_t operations = 1;
  for (int64_t n = 0; n < operations; ++n) {
    for (const bool dies : {false, true}) {
      MemoryFileSystem memory;
      ASSERT_THAT(WriteFileAtomically(memory, "f", "old"), IsOk());
      FaultFileSystem files(memory);
      files.FailAt(n, dies);
      EXPECT_THAT(WriteFileAtomically(files, "f", "new"),
                  StatusIs(absl::StatusCode::kUnavailable));
      if (!dies) {
        EXPECT_THAT(memory.List("/"), IsOkAndHolds(ElementsAre("f")));
      }
      memory.CrashRandomly(n);
      EXPECT_THAT(ReadWholeFile(memory, "f"),
                  IsOkAndHolds(AnyOf("old", "new")));
      files.Heal();
      ASSERT_THAT(WriteFileAtomically(files, "f", "new"), IsOk());
      operations = files.operations();
    }
  }
  EXPECT_EQ(operations, 6);  // create, append, sync, close, rename, sync dir
}

TEST(WholeFileTest, TemporaryNamesAreUniqueAndBesideTheFile) {
  MemoryFileSystem files;
  const auto a = NewTemporaryFile(files, "f");
  const auto b = NewTemporaryFile(files, "f");
  ASSERT_THAT(a, IsOk());
  ASSERT_THAT(b, IsOk());
  EXPECT_NE(a->path, b->path);
  EXPECT_TRUE(absl::StartsWith(a->path, "f.tempstate"));
}

TEST(WholeFileTest, OnlyTemporariesOfOtherProcessesAreStale) {
  MemoryFileSystem files;
  const auto ours = NewTemporaryFile(files, "f");
  ASSERT_THAT(ours, IsOk());
  const std::string theirs = "f.tempstate0123456789abcdef3";
  for (const std::string& name :
       {theirs, std::string("f.tempstate"), std::string("f.tempstate12"),
        std::string("f.tempstate0123456789abcdefxyz"), std::string("plain")}) {
    ASSERT_THAT(WriteFileAtomically(files, name, "x"), IsOk());
  }
  ASSERT_THAT(RemoveStaleTemporaries(files, "/"), IsOk());
  EXPECT_THAT(files.List("/"),
              IsOkAndHolds(UnorderedElementsAre(
                  "f.tempstate", "f.tempstate0123456789abcdefxyz",
                  "f.tempstate12", ours->path, "plain")));
}

}  // namespace
}  // namespace trellis
