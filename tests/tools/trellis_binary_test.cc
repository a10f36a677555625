// The program as its users start it.
#include <sys/wait.h>

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trellis {
namespace {

using ::testing::HasSubstr;

constexpr char kBinary[] = "tools/trellis/trellis";
constexpr char kMeta[] =
    "tests/golden/training/ref_float32_adam/model.ckpt-0.meta";

struct Ran {
  int status = -1;
  std::string text;  // of both streams
};

Ran Start(const std::string& arguments) {
  Ran ran;
  const std::string command = absl::StrCat(kBinary, " ", arguments, " 2>&1");
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return ran;
  char buffer[4096];
  while (const size_t n = fread(buffer, 1, sizeof buffer, pipe)) {
    ran.text.append(buffer, n);
  }
  const int status = pclose(pipe);
  if (WIFEXITED(status)) ran.status = WEXITSTATUS(status);
  return ran;
}

TEST(TrellisBinaryTest, ExitStatusTellsTheAnswer) {
  const std::string meta = kMeta;
  EXPECT_EQ(Start("inspect " + meta).status, 0);
  EXPECT_EQ(Start("nodes " + meta + " --op=Conv3D").status, 1);
  const Ran wrong = Start("inspect no/such/file");
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.text, HasSubstr("trellis inspect: "));
  EXPECT_EQ(wrong.text.find('\n'), wrong.text.size() - 1);
  EXPECT_EQ(Start("").status, 2);
}

TEST(TrellisBinaryTest, FailsWhereItsAnswerCannotBeWritten) {
  EXPECT_EQ(Start("inspect " + std::string(kMeta) + " > /dev/full").status, 2);
}

}  // namespace
}  // namespace trellis
