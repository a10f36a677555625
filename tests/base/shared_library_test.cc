#include "trellis/base/shared_library.h"

#include <cstdlib>
#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trellis {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

std::string TempDir() { return std::getenv("TEST_TMPDIR"); }

TEST(SharedLibraryTest, LoadsWhatTheLoaderKnows) {
  const SharedLibrary library("libm.so.6", {TempDir(), ""});
  ASSERT_TRUE(library.status().ok()) << library.status();
  EXPECT_THAT(library.path(), EndsWith("/libm.so.6"));
  auto* cosine = library.Function<double(double)>("cos");
  ASSERT_NE(cosine, nullptr);
  EXPECT_EQ(cosine(0), 1);
  EXPECT_EQ(library.Function<void()>("trellis_no_such_function"), nullptr);
}

TEST(SharedLibraryTest, SaysWhereItLooked) {
  const SharedLibrary library("libtrellis_nowhere.so.1", {TempDir(), ""});
  EXPECT_EQ(library.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(library.status().message(), "libtrellis_nowhere.so.1 is not in " +
                                            TempDir() + ", the loader's path");
  EXPECT_EQ(library.path(), "");
  EXPECT_EQ(library.Function<void()>("cos"), nullptr);
}

TEST(SharedLibraryTest, LooksOnlyWhereItIsTold) {
  const SharedLibrary library("libm.so.6", {TempDir()});
  EXPECT_EQ(library.status().code(), absl::StatusCode::kNotFound);
}

TEST(SharedLibraryTest, SaysWhatIsWrongWithAFile) {
  std::ofstream(TempDir() + "/libtrellis_broken.so.1") << "no library";
  const SharedLibrary library("libtrellis_broken.so.1", {TempDir(), ""});
  EXPECT_EQ(library.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(library.status().message()),
              HasSubstr("cannot be loaded: " + TempDir() +
                        "/libtrellis_broken.so.1: "));
}

}  // namespace
}  // namespace trellis
