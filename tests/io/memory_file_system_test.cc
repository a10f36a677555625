// Crashes; the common contract is in file_system_test.cc.
#include "trellis/io/memory_file_system.h"

#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/io/whole_file.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::StatusIs;

std::unique_ptr<WritableFile> NewFile(FileSystem& files,
                                      absl::string_view path) {
  return files.NewWritableFile(path, WriteMode::kReplace).value();
}

TEST(MemoryFileSystemTest, ACrashKeepsWhatWasSynced) {
  MemoryFileSystem files;
  const auto file = NewFile(files, "f");
  ASSERT_THAT(file->Append("kept"), IsOk());
  ASSERT_THAT(file->Sync(), IsOk());
  ASSERT_THAT(files.SyncDir("/"), IsOk());
  ASSERT_THAT(file->Append(" lost"), IsOk());
  EXPECT_THAT(ReadWholeFile(files, "f"), IsOkAndHolds("kept lost"));
  files.Crash();
  EXPECT_THAT(ReadWholeFile(files, "f"), IsOkAndHolds("kept"));
}

TEST(MemoryFileSystemTest, ASyncedFileWithoutItsNameIsLost) {
  MemoryFileSystem files;
  const auto file = NewFile(files, "f");
  ASSERT_THAT(file->Sync(), IsOk());
  files.Crash();
  EXPECT_THAT(files.List("/"), IsOkAndHolds(IsEmpty()));
}

TEST(MemoryFileSystemTest, ANameWithoutItsBytesIsAnEmptyFile) {
  MemoryFileSystem files;
  const auto file = NewFile(files, "f");
  ASSERT_THAT(file->Append("lost"), IsOk());
  ASSERT_THAT(files.SyncDir("/"), IsOk());
  files.Crash();
  EXPECT_THAT(ReadWholeFile(files, "f"), IsOkAndHolds(""));
}

TEST(MemoryFileSystemTest, UnsyncedRenamesAndDeletesAreUndone) {
  MemoryFileSystem files;
  ASSERT_THAT(WriteFileAtomically(files, "a", "A"), IsOk());
  ASSERT_THAT(WriteFileAtomically(files, "b", "B"), IsOk());
  ASSERT_THAT(files.Rename("a", "b"), IsOk());
  files.Crash();
  EXPECT_THAT(ReadWholeFile(files, "a"), IsOkAndHolds("A"));
  EXPECT_THAT(ReadWholeFile(files, "b"), IsOkAndHolds("B"));
  ASSERT_THAT(files.Delete("a"), IsOk());
  files.Crash();
  EXPECT_THAT(files.List("/"), IsOkAndHolds(ElementsAre("a", "b")));
}

TEST(MemoryFileSystemTest, CreateDirsIsDurable) {
  MemoryFileSystem files;
  ASSERT_THAT(files.CreateDirs("x/y"), IsOk());
  files.Crash();
  EXPECT_TRUE(files.Info("x/y")->is_directory);
}

TEST(MemoryFileSystemTest, FilesOpenAtACrashAreDead) {
  MemoryFileSystem files;
  ASSERT_THAT(WriteFileAtomically(files, "f", "x"), IsOk());
  const auto writer = NewFile(files, "g");
  const auto reader = files.NewReadableFile("f").value();
  files.Crash();
  char byte;
  const auto aborted = StatusIs(absl::StatusCode::kAborted);
  EXPECT_THAT(reader->Read(0, absl::MakeSpan(&byte, 1)), aborted);
  EXPECT_THAT(writer->Append("x"), aborted);
  EXPECT_THAT(writer->Sync(), aborted);
  EXPECT_THAT(writer->Close(), aborted);
}

TEST(MemoryFileSystemTest, ARandomCrashKeepsEitherNameAndAnyBytes) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    MemoryFileSystem files;
    ASSERT_THAT(WriteFileAtomically(files, "f", "old"), IsOk());
    const auto file = NewFile(files, "t");
    ASSERT_THAT(file->Append("new"), IsOk());
    ASSERT_THAT(files.Rename("t", "f"), IsOk());
    files.CrashRandomly(seed);
    seen.insert(ReadWholeFile(files, "f").value());
    // What a random crash left is durable.
    const auto before = files.List("/").value();
    files.Crash();
    EXPECT_EQ(files.List("/").value(), before);
  }
  EXPECT_THAT(seen,
              ElementsAre("", std::string(3, '\0'), "n", "ne", "new", "old"));
}

TEST(MemoryFileSystemTest, ARandomCrashKeepsWhatWasSynced) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    MemoryFileSystem files;
    ASSERT_THAT(files.CreateDirs("d/e"), IsOk());
    ASSERT_THAT(WriteFileAtomically(files, "d/e/f", "kept"), IsOk());
    files.CrashRandomly(seed);
    EXPECT_THAT(ReadWholeFile(files, "d/e/f"), IsOkAndHolds("kept"));
  }
}

TEST(MemoryFileSystemTest, ParentFoldersHaveNoName) {
  MemoryFileSystem files;
  EXPECT_THAT(files.Info("a/../b"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace trellis
