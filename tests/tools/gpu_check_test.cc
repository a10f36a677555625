// gpu_check over fake programs: scripts that print what tests and benchmarks
// print, crash, or take too long.
#include "trellis/tools/gpu_check/gpu_check.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trellis {
namespace {

namespace fs = std::filesystem;

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kTrellis[] = R"sh(
if [ "$2" = --type=GPU ]; then echo GPU:0; else echo "device GPU:0: Fake"; fi)sh";
constexpr char kTrellisWithoutGpu[] = R"sh(
if [ "$2" = --type=GPU ]; then echo "no GPU: no driver"; exit 1; fi
echo "GPUs none: no driver")sh";

// As GoogleTest prints them.
constexpr char kGoodTest[] = R"sh(
echo "[==========] Running 2 tests from 1 test suite."
echo "[ RUN      ] Cuda.Adds"
echo "figure: largest error 3e-7"
echo "[       OK ] Cuda.Adds (1500 ms)"
echo "[ RUN      ] Cuda.Two"
echo "x_test.cc:7: Skipped"
echo "needs two GPUs"
echo "[  SKIPPED ] Cuda.Two (0 ms)"
echo "[  PASSED  ] 1 test."
echo "[  SKIPPED ] 1 test, listed below:"
echo "[  SKIPPED ] Cuda.Two")sh";
constexpr char kBadTest[] = R"sh(
echo "[ RUN      ] Cuda.Wrong"
echo "x_test.cc:9: Failure"
echo "Expected equality of these values:"
echo "[  FAILED  ] Cuda.Wrong, where GetParam() = 3 (2 ms)"
echo "[ RUN      ] Cuda.Right"
echo "[       OK ] Cuda.Right (1 ms)"
echo "[  FAILED  ] 1 test, listed below:"
echo "[  FAILED  ] Cuda.Wrong, where GetParam() = 3"
exit 1)sh";
constexpr char kCrash[] = R"sh(
echo "[ RUN      ] Cuda.First"
echo "[       OK ] Cuda.First (1 ms)"
echo "[ RUN      ] Cuda.Crashes"
kill -SEGV $$)sh";
constexpr char kHang[] = R"sh(
echo "[ RUN      ] Cuda.Hangs"
sleep 100)sh";

// As Google Benchmark does.
constexpr char kBenchmark[] = R"sh(
cat <<'END'
{
  "context": {
    "name": "not a benchmark"
  },
  "benchmarks": [
    {
      "name": "BM_Add/1024",
      "run_type": "iteration",
      "iterations": 4000,
      "real_time": 2.5000000000000000e+00,
      "time_unit": "us",
      "bytes_per_second": 8.1250000000000000e+11
    },
    {
      "name": "BM_MatMul",
      "iterations": 10,
      "real_time": 1.0e+03,
      "time_unit": "us",
      "FLOP/s": 4.0e+13,
      "bytes_per_second": 1.0
    },
    {
      "name": "BM_Launch",
      "iterations": 1,
      "real_time": 12.0,
      "time_unit": "us"
    },
    {
      "name": "BM_Broken",
      "error_occurred": true,
      "error_message": "out of memory",
      "iterations": 0
    }
  ]
}
END)sh";

class GpuCheckTest : public ::testing::Test {
 protected:
  GpuCheckTest() {
    fs::remove_all(folder_);
    for (const char* part : {"tests", "benchmarks", "bin", "data"}) {
      fs::create_directories(folder_ / part);
    }
    std::ofstream(folder_ / "COMMIT") << "abc\n";
    Add("bin/trellis", kTrellis);
  }

  void Add(const std::string& path, const std::string& script) {
    std::ofstream(folder_ / path) << "#!/bin/sh" << script << "\n";
    fs::permissions(folder_ / path, fs::perms::owner_all);
  }

  int Run(double total_seconds = 60, double program_seconds = 30) {
    std::ostringstream out;
    const int status = GpuCheck({.folder = folder_.string(),
                                 .total_seconds = total_seconds,
                                 .program_seconds = program_seconds,
                                 .out = (folder_ / "table.txt").string()},
                                out);
    text_ = out.str();
    std::stringstream file;
    file << std::ifstream(folder_ / "table.txt").rdbuf();
    EXPECT_THAT(text_, EndsWith(file.str()));
    return status;
  }

  const fs::path folder_ = fs::path(::testing::TempDir()) / "gpu_check_folder";
  std::string text_;
};

TEST_F(GpuCheckTest, EachCaseIsARow) {
  Add("tests/a_test", kGoodTest);
  EXPECT_EQ(Run(), 0);
  EXPECT_THAT(
      text_,
      AllOf(
          HasSubstr("built from abc\n"), HasSubstr("device GPU:0: Fake"),
          ContainsRegex("a_test Cuda.Adds +passed +1.500 +largest error 3e-7"),
          ContainsRegex("a_test Cuda.Two +skipped +0.000 +needs two GPUs"),
          EndsWith("\n1 passed, 0 failed, 1 skipped\n")));
}

TEST_F(GpuCheckTest, AFailureFailsAndShowsWhatWasPrinted) {
  Add("tests/a_test", kBadTest);
  EXPECT_EQ(Run(), 1);
  EXPECT_THAT(text_,
              AllOf(HasSubstr("the end of what a_test printed"),
                    ContainsRegex("a_test Cuda.Wrong +FAILED +0.002 +Expected"),
                    ContainsRegex("a_test Cuda.Right +passed"),
                    EndsWith("\n1 passed, 1 failed\n")));
}

TEST_F(GpuCheckTest, ACrashFailsTheCaseItWasInAndTheRestGoesOn) {
  Add("tests/a_test", kCrash);
  Add("tests/b_test", kGoodTest);
  EXPECT_EQ(Run(), 1);
  EXPECT_THAT(
      text_,
      AllOf(ContainsRegex("a_test Cuda.First +passed"),
            ContainsRegex("a_test Cuda.Crashes +FAILED .*died of signal 11"),
            ContainsRegex("b_test Cuda.Adds +passed"),
            EndsWith("\n2 passed, 1 failed, 1 skipped\n")));
}

TEST_F(GpuCheckTest, AProgramThatTestsNothingFails) {
  Add("tests/a_test", "\nexit 0");
  Add("tests/b_test", "\necho no library; exit 127");
  std::ofstream(folder_ / "tests/c_test") << "not a program";
  EXPECT_EQ(Run(), 1);
  EXPECT_THAT(text_, AllOf(ContainsRegex("a_test +FAILED .*ran nothing"),
                           ContainsRegex("b_test +FAILED .*exit status 127"),
                           ContainsRegex("c_test +FAILED .*exit status 127"),
                           HasSubstr("Permission denied"),
                           EndsWith("\n0 passed, 3 failed\n")));
}

TEST_F(GpuCheckTest, AProgramIsKilledAtItsLimitWithWhatItStarted) {
  Add("tests/a_test", kHang);
  Add("tests/b_test", kGoodTest);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(Run(60, 0.2), 1);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(50));
  EXPECT_THAT(text_, AllOf(ContainsRegex("Cuda.Hangs +FAILED .*killed after"),
                           ContainsRegex("b_test Cuda.Adds +passed")));
}

TEST_F(GpuCheckTest, WhatIsLeftWhenTheTimeIsUpFails) {
  Add("tests/a_test", kHang);
  Add("tests/b_test", kGoodTest);
  Add("benchmarks/b_benchmark", kBenchmark);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(Run(1, 30), 1);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(25));
  EXPECT_THAT(
      text_,
      AllOf(ContainsRegex("Cuda.Hangs +FAILED"),
            ContainsRegex("b_test +FAILED .*not started: no time is left"),
            ContainsRegex("b_benchmark +FAILED .*no time is left"),
            EndsWith("\n0 passed, 3 failed\n")));
}

TEST_F(GpuCheckTest, ABenchmarkGivesItsBestFigure) {
  Add("tests/a_test", kGoodTest);
  Add("benchmarks/b", kBenchmark);
  EXPECT_EQ(Run(), 1);
  EXPECT_THAT(text_,
              AllOf(ContainsRegex("b BM_Add/1024 +passed +0.010 +812.5 GB/s"),
                    ContainsRegex("b BM_MatMul +passed +0.010 +40 TFLOP/s"),
                    ContainsRegex("b BM_Launch +passed +0.000 +12 us"),
                    ContainsRegex("b BM_Broken +FAILED +0.000 +out of memory"),
                    Not(HasSubstr("not a benchmark\n")),
                    EndsWith("\n4 passed, 1 failed, 1 skipped\n")));
}

TEST_F(GpuCheckTest, WithoutAGpuItSaysSoAndFails) {
  Add("bin/trellis", kTrellisWithoutGpu);
  Add("tests/a_test", kGoodTest);
  Add("benchmarks/b", "\nexit 1");
  EXPECT_EQ(Run(), 1);
  EXPECT_THAT(text_, AllOf(ContainsRegex("b +skipped +0.000 +there is no GPU"),
                           HasSubstr("there was no GPU: no GPU: no driver\n"),
                           EndsWith("\n1 passed, 0 failed, 2 skipped\n")));
}

TEST_F(GpuCheckTest, AProgramThatCannotSayWhetherThereIsAGpuIsNoGpu) {
  Add("bin/trellis", "\necho broken; exit 127");
  Add("tests/a_test", kGoodTest);
  EXPECT_EQ(Run(), 1);
  EXPECT_THAT(text_, HasSubstr("there was no GPU: exit status 127\nbroken\n"));
}

TEST_F(GpuCheckTest, ProgramsMayBeCompressed) {
  Add("tests/a_test", kGoodTest);
  ASSERT_EQ(
      std::system(("gzip " + (folder_ / "tests/a_test").string()).c_str()), 0);
  ASSERT_FALSE(fs::exists(folder_ / "tests/a_test"));
  for (int run = 0; run < 2; ++run) {
    EXPECT_EQ(Run(), 0);
    EXPECT_THAT(text_, EndsWith("\n1 passed, 0 failed, 1 skipped\n"));
  }
  std::ofstream(folder_ / "tests/b_test.gz") << "\x1f\x8b and no more";
  EXPECT_EQ(Run(), 1);
  EXPECT_THAT(text_, ContainsRegex("b_test.gz +FAILED"));
  EXPECT_FALSE(fs::exists(folder_ / "tests/b_test"));
}

TEST_F(GpuCheckTest, ProgramsRunInTheDataFolderWithATemporaryOne) {
  Add("tests/a_test", R"sh(
echo "[ RUN      ] A.B"
touch "$TEST_TMPDIR/x" && echo "figure: $(basename "$PWD") $TEST_TMPDIR"
echo "[       OK ] A.B (1 ms)")sh");
  EXPECT_EQ(Run(), 0);
  EXPECT_THAT(text_, ContainsRegex("A.B +passed +0.001 +data /.*gpu_check"));
}

}  // namespace
}  // namespace trellis
