#include "trellis/runtime/kernel/cuda_libraries.h"

#include <sys/stat.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

constexpr char kFakes[] = "tests/runtime/cuda_libraries";

std::string EmptyDir() {
  const std::string dir = std::string(std::getenv("TEST_TMPDIR")) + "/empty";
  mkdir(dir.c_str(), 0700);
  return dir;
}

TEST(CudaLibrariesTest, AnEmptyFolderHasNone) {
  for (CudaLibrary library : kCudaLibraries) {
    const CudaLibraryInfo info = InspectCudaLibrary(library, {EmptyDir()});
    EXPECT_EQ(info.version, "") << info.soname;
    EXPECT_EQ(info.path, "") << info.soname;
    EXPECT_EQ(info.missing, info.soname + " is not in " + EmptyDir());
  }
}

TEST(CudaLibrariesTest, TellsTheVersionOfWhatItFinds) {
  const CudaLibraryInfo info =
      InspectCudaLibrary(CudaLibrary::kCudnn, {EmptyDir(), kFakes});
  EXPECT_EQ(info.missing, "");
  EXPECT_EQ(info.version, "9.12.7");
  EXPECT_THAT(info.path,
              EndsWith("tests/runtime/cuda_libraries/libcudnn.so.9"));
}

TEST(CudaLibrariesTest, ALibraryThatCannotTellIsMissing) {
  EXPECT_EQ(InspectCudaLibrary(CudaLibrary::kNccl, {kFakes}).missing,
            "ncclGetVersion fails with error 2");
  EXPECT_EQ(InspectCudaLibrary(CudaLibrary::kDriver, {kFakes}).missing,
            "it has no function cuDriverGetVersion");
}

TEST(CudaLibrariesTest, TheEnvironmentSaysWhereToLook) {
  setenv("CUDA_HOME", "/opt/cuda", 1);
  EXPECT_THAT(CudaLibraryDirectories(), ElementsAre("", "/opt/cuda/lib64"));
  unsetenv("CUDA_HOME");
  EXPECT_THAT(CudaLibraryDirectories(),
              ElementsAre("", "/usr/local/cuda/lib64"));
  setenv("TRELLIS_CUDA_LIBRARY_PATH", "/a:/b/c", 1);
  EXPECT_THAT(CudaLibraryDirectories(), ElementsAre("/a", "/b/c"));
  unsetenv("TRELLIS_CUDA_LIBRARY_PATH");
}

// What this machine has, if it has any: none needs a GPU to tell its version.
TEST(CudaLibrariesTest, RealLibrariesTellTheirVersions) {
  for (CudaLibrary library : kCudaLibraries) {
    const CudaLibraryInfo info =
        InspectCudaLibrary(library, CudaLibraryDirectories());
    if (info.path.empty()) {
      EXPECT_THAT(info.missing, HasSubstr(info.soname));
      continue;
    }
    EXPECT_EQ(info.missing, "") << info.soname;
    EXPECT_THAT(info.version, MatchesRegex("[0-9]+(\\.[0-9]+)+"));
  }
}

TEST(CudaLibrariesTest, IsLoadedOnce) {
  const SharedLibrary& first = LoadCudaLibrary(CudaLibrary::kNvrtc);
  EXPECT_EQ(&first, &LoadCudaLibrary(CudaLibrary::kNvrtc));
  EXPECT_NE(&first, &LoadCudaLibrary(CudaLibrary::kCudnn));
  EXPECT_TRUE(absl::StartsWith(first.soname(), "libnvrtc.so."));
}

}  // namespace
}  // namespace trellis
