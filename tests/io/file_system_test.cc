// The contract of FileSystem, held against every implementation.
#include "trellis/io/file_system.h"

#include <stdlib.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/io/fault_file_system.h"
#include "trellis/io/memory_file_system.h"
#include "trellis/io/path.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/io/whole_file.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::StatusIs;

// An implementation and a folder in it to work in.
struct Place {
  std::string name;
  std::function<FileSystem&()> files;
  std::function<std::string()> dir;
};

std::string FreshPosixFolder() {
  std::string pattern = ::testing::TempDir() + "/files_XXXXXX";
  return mkdtemp(pattern.data());
}

FileSystem& FreshMemory() {
  static std::unique_ptr<MemoryFileSystem> files;
  files = std::make_unique<MemoryFileSystem>();
  return *files;
}

FileSystem& FreshHealthyFaultSystem() {
  static std::unique_ptr<FaultFileSystem> files;
  files = std::make_unique<FaultFileSystem>(FreshMemory());
  return *files;
}

class FileSystemTest : public ::testing::TestWithParam<Place> {
 protected:
  FileSystemTest() : files_(GetParam().files()), dir_(GetParam().dir()) {}

  std::string Path(absl::string_view name) { return JoinPath(dir_, name); }

  void Write(absl::string_view name, absl::string_view contents) {
    auto file = files_.NewWritableFile(Path(name), WriteMode::kReplace);
    ASSERT_THAT(file, IsOk());
    ASSERT_THAT((*file)->Append(contents), IsOk());
    ASSERT_THAT((*file)->Close(), IsOk());
  }

  absl::StatusOr<std::string> Contents(absl::string_view name) {
    return ReadWholeFile(files_, Path(name));
  }

  FileSystem& files_;
  const std::string dir_;
};

TEST_P(FileSystemTest, WhatIsWrittenIsRead) {
  Write("f", "hello");
  EXPECT_THAT(Contents("f"), IsOkAndHolds("hello"));
  EXPECT_THAT(files_.FileSize(Path("f")), IsOkAndHolds(5));
  Write("f", "");
  EXPECT_THAT(Contents("f"), IsOkAndHolds(""));
}

TEST_P(FileSystemTest, AppendsOfAllSizesKeepTheirOrder) {
  std::string expected;
  auto file = files_.NewWritableFile(Path("f"), WriteMode::kReplace);
  ASSERT_THAT(file, IsOk());
  for (const size_t size : {1, 70000, 3, 65536, 0, 65535, 2, 200000, 5}) {
    const std::string part(size, static_cast<char>('a' + size % 26));
    ASSERT_THAT((*file)->Append(part), IsOk());
    expected += part;
  }
  ASSERT_THAT((*file)->Close(), IsOk());
  EXPECT_TRUE(Contents("f").value() == expected);
}

TEST_P(FileSystemTest, FlushShowsBytesToReaders) {
  auto file = files_.NewWritableFile(Path("f"), WriteMode::kReplace);
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT((*file)->Append("abc"), IsOk());
  ASSERT_THAT((*file)->Flush(), IsOk());
  EXPECT_THAT(Contents("f"), IsOkAndHolds("abc"));
  ASSERT_THAT((*file)->Sync(), IsOk());
  ASSERT_THAT((*file)->Append("d"), IsOk());
  ASSERT_THAT((*file)->Close(), IsOk());
  EXPECT_THAT(Contents("f"), IsOkAndHolds("abcd"));
}

TEST_P(FileSystemTest, AClosedFileRefusesEverything) {
  auto file = files_.NewWritableFile(Path("f"), WriteMode::kReplace);
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT((*file)->Close(), IsOk());
  const auto closed =
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(Path("f")));
  EXPECT_THAT((*file)->Append("x"), closed);
  EXPECT_THAT((*file)->Flush(), closed);
  EXPECT_THAT((*file)->Sync(), closed);
  EXPECT_THAT((*file)->Close(), closed);
}

TEST_P(FileSystemTest, ReadIsPositionalAndShortOnlyAtTheEnd) {
  Write("f", "0123456789");
  auto file = files_.NewReadableFile(Path("f"));
  ASSERT_THAT(file, IsOk());
  EXPECT_EQ((*file)->size(), 10);
  EXPECT_EQ((*file)->path(), Path("f"));
  char buffer[4] = {};
  EXPECT_THAT((*file)->Read(3, absl::MakeSpan(buffer)), IsOkAndHolds(4));
  EXPECT_EQ(std::string(buffer, 4), "3456");
  EXPECT_THAT((*file)->Read(8, absl::MakeSpan(buffer)), IsOkAndHolds(2));
  EXPECT_EQ(std::string(buffer, 2), "89");
  EXPECT_THAT((*file)->Read(10, absl::MakeSpan(buffer)), IsOkAndHolds(0));
  EXPECT_THAT((*file)->Read(99, absl::MakeSpan(buffer)), IsOkAndHolds(0));
  EXPECT_THAT((*file)->Read(0, {}), IsOkAndHolds(0));
  EXPECT_THAT((*file)->ReadExactly(6, absl::MakeSpan(buffer)), IsOk());
  EXPECT_THAT((*file)->ReadExactly(7, absl::MakeSpan(buffer)),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr(Path("f"))));
}

TEST_P(FileSystemTest, ExclusiveRefusesWhatExists) {
  Write("f", "old");
  EXPECT_THAT(files_.NewWritableFile(Path("f"), WriteMode::kExclusive),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr(Path("f"))));
  EXPECT_THAT(Contents("f"), IsOkAndHolds("old"));
  EXPECT_THAT(files_.NewWritableFile(Path("g"), WriteMode::kExclusive), IsOk());
}

TEST_P(FileSystemTest, WhatIsMissingIsNotFoundByName) {
  const auto missing =
      StatusIs(absl::StatusCode::kNotFound, HasSubstr(Path("no")));
  EXPECT_THAT(files_.NewReadableFile(Path("no")), missing);
  EXPECT_THAT(files_.NewWritableFile(Path("no/f"), WriteMode::kReplace),
              missing);
  EXPECT_THAT(files_.Rename(Path("no"), Path("x")), missing);
  EXPECT_THAT(files_.Delete(Path("no")), missing);
  EXPECT_THAT(files_.CreateDir(Path("no/d")), missing);
  EXPECT_THAT(files_.DeleteDir(Path("no")), missing);
  EXPECT_THAT(files_.List(Path("no")), missing);
  EXPECT_THAT(files_.Info(Path("no")), missing);
  EXPECT_THAT(files_.FileSize(Path("no")), missing);
  EXPECT_THAT(files_.SyncDir(Path("no")), missing);
  EXPECT_THAT(files_.Exists(Path("no")), IsOkAndHolds(false));
}

TEST_P(FileSystemTest, AFolderIsNoFileAndAFileNoFolder) {
  ASSERT_THAT(files_.CreateDir(Path("d")), IsOk());
  Write("f", "");
  const auto wrong_kind =
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(dir_));
  EXPECT_THAT(files_.NewReadableFile(Path("d")), wrong_kind);
  EXPECT_THAT(files_.NewWritableFile(Path("d"), WriteMode::kReplace),
              wrong_kind);
  EXPECT_THAT(files_.Delete(Path("d")), wrong_kind);
  EXPECT_THAT(files_.FileSize(Path("d")), wrong_kind);
  EXPECT_THAT(files_.DeleteDir(Path("f")), wrong_kind);
  EXPECT_THAT(files_.List(Path("f")), wrong_kind);
  EXPECT_THAT(files_.Rename(Path("f"), Path("d")), wrong_kind);
  EXPECT_THAT(files_.CreateDirs(Path("f")), wrong_kind);
  EXPECT_THAT(files_.Exists(Path("f/x")), IsOkAndHolds(false));
}

TEST_P(FileSystemTest, AnEmptyPathIsInvalid) {
  const auto invalid = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(files_.NewReadableFile(""), invalid);
  EXPECT_THAT(files_.NewWritableFile("", WriteMode::kReplace), invalid);
  EXPECT_THAT(files_.Info(""), invalid);
  EXPECT_THAT(files_.List(""), invalid);
}

TEST_P(FileSystemTest, RenameReplacesAndMovesFolders) {
  Write("a", "new");
  Write("b", "old");
  EXPECT_THAT(files_.Rename(Path("a"), Path("b")), IsOk());
  EXPECT_THAT(Contents("b"), IsOkAndHolds("new"));
  EXPECT_THAT(files_.Exists(Path("a")), IsOkAndHolds(false));

  ASSERT_THAT(files_.CreateDir(Path("d")), IsOk());
  Write("d/f", "inside");
  EXPECT_THAT(files_.Rename(Path("d"), Path("e")), IsOk());
  EXPECT_THAT(Contents("e/f"), IsOkAndHolds("inside"));
  EXPECT_THAT(files_.Rename(Path("e"), Path("e/g")),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_P(FileSystemTest, DeleteAndDeleteDir) {
  ASSERT_THAT(files_.CreateDir(Path("d")), IsOk());
  Write("d/f", "");
  EXPECT_THAT(
      files_.DeleteDir(Path("d")),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("not empty")));
  EXPECT_THAT(files_.Delete(Path("d/f")), IsOk());
  EXPECT_THAT(files_.DeleteDir(Path("d")), IsOk());
  EXPECT_THAT(files_.Exists(Path("d")), IsOkAndHolds(false));
}

TEST_P(FileSystemTest, ListIsSortedAndHasNamesOnly) {
  Write("b", "");
  Write("a", "");
  ASSERT_THAT(files_.CreateDir(Path("c")), IsOk());
  Write("c/x", "");
  EXPECT_THAT(files_.List(dir_), IsOkAndHolds(ElementsAre("a", "b", "c")));
}

TEST_P(FileSystemTest, CreateDirsMakesWhatIsMissing) {
  EXPECT_THAT(files_.CreateDirs(Path("x/y/z")), IsOk());
  EXPECT_THAT(files_.CreateDirs(Path("x/y/z/")), IsOk());
  EXPECT_TRUE(files_.Info(Path("x/y/z"))->is_directory);
  EXPECT_THAT(files_.CreateDir(Path("x")),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(files_.SyncDir(Path("x")), IsOk());
}

TEST_P(FileSystemTest, ManyThreadsReadOneFile) {
  std::string contents;
  for (int i = 0; i < 10000; ++i) contents += std::to_string(i);
  Write("f", contents);
  auto file = files_.NewReadableFile(Path("f"));
  ASSERT_THAT(file, IsOk());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::string buffer(100, '\0');
      for (size_t at = t; at + 100 < contents.size(); at += 401) {
        ASSERT_THAT((*file)->ReadExactly(at, absl::MakeSpan(buffer)), IsOk());
        ASSERT_EQ(buffer, contents.substr(at, 100));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

INSTANTIATE_TEST_SUITE_P(
    All, FileSystemTest,
    ::testing::Values(
        Place{"Posix", [&]() -> FileSystem& { return PosixFileSystem::Get(); },
              FreshPosixFolder},
        Place{"Memory", FreshMemory, [] { return std::string("/"); }},
        Place{"Fault", FreshHealthyFaultSystem,
              [] { return std::string("/"); }}),
    [](const ::testing::TestParamInfo<Place>& info) {
      return info.param.name;
    });

}  // namespace
}  // namespace trellis
