// What the output of a test or a benchmark says, as rows of one table.
#ifndef TRELLIS_TOOLS_GPU_CHECK_PROGRAM_REPORT_H_
#define TRELLIS_TOOLS_GPU_CHECK_PROGRAM_REPORT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "trellis/tools/gpu_check/child_process.h"

namespace trellis {

enum class Outcome { kPassed, kFailed, kSkipped };

struct ReportRow {
  std::string name;  // of the program, then of its case
  Outcome outcome = Outcome::kFailed;
  double seconds = 0;
  std::string figure;  // what was measured; else why it failed or was skipped
};

// One row per test case of a GoogleTest program, from its standard output, so
// that what was done before a crash or the limit counts. A line
//
//   figure: largest error 3e-7
//
// of a case is its figure. A program that ended badly without a failed case,
// or that ran none, is a failed row itself.
std::vector<ReportRow> ReadTestReport(absl::string_view program,
                                      const ChildResult& result);

// One row per case of a Google Benchmark program, from what it prints with
// --benchmark_format=json. The figure is FLOP/s, else bytes or items per
// second, else the time of an iteration.
std::vector<ReportRow> ReadBenchmarkReport(absl::string_view program,
                                           const ChildResult& result);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_GPU_CHECK_PROGRAM_REPORT_H_
