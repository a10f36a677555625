// What only real files have; the common contract is in file_system_test.cc.
#include "trellis/io/posix_file_system.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/io/path.h"
#include "trellis/io/whole_file.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

class PosixFileSystemTest : public ::testing::Test {
 protected:
  PosixFileSystemTest() {
    std::string pattern = ::testing::TempDir() + "/posix_XXXXXX";
    dir_ = mkdtemp(pattern.data());
  }
  std::string Path(absl::string_view name) { return JoinPath(dir_, name); }

  PosixFileSystem& files_ = PosixFileSystem::Get();
  std::string dir_;
};

TEST_F(PosixFileSystemTest, OpeningAPipeFailsInsteadOfWaiting) {
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  EXPECT_THAT(
      files_.NewReadableFile(Path("pipe")),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("not a file")));
}

TEST_F(PosixFileSystemTest, AZeroByteInAPathIsInvalid) {
  EXPECT_THAT(files_.NewReadableFile(absl::string_view("a\0b", 3)),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(PosixFileSystemTest, AFileThatShrankIsReadShort) {
  ASSERT_THAT(WriteFileAtomically(files_, Path("f"), "0123456789"), IsOk());
  auto file = files_.NewReadableFile(Path("f"));
  ASSERT_THAT(file, IsOk());
  ASSERT_EQ(truncate(Path("f").c_str(), 3), 0);
  char buffer[10];
  EXPECT_THAT((*file)->ReadExactly(0, absl::MakeSpan(buffer)),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("ends 3")));
}

TEST_F(PosixFileSystemTest, AFullDiskIsAnErrorThatSticks) {
  if (access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full here";
  auto file = files_.NewWritableFile("/dev/full", WriteMode::kReplace);
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT((*file)->Append("x"), IsOk());  // buffered
  const auto full =
      StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("/dev/full"));
  EXPECT_THAT((*file)->Flush(), full);
  EXPECT_THAT((*file)->Append("y"), full);
  EXPECT_THAT((*file)->Close(), full);
}

}  // namespace
}  // namespace trellis
