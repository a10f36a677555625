// Runs every GPU test and then every GPU benchmark of a folder that
// tools/gpu_pack made, under time limits, and prints one table.
//
//   FOLDER/tests/        GoogleTest programs, in the order of their names
//   FOLDER/benchmarks/   Google Benchmark programs, likewise
//   FOLDER/bin/trellis   says what the machine has
//   FOLDER/data/         where the programs run: the files they read
//   FOLDER/lib/          shared libraries they need
//   FOLDER/COMMIT        what they were built from
//
// Programs named "<name>.gz" are unpacked beside themselves first.
#ifndef TRELLIS_TOOLS_GPU_CHECK_GPU_CHECK_H_
#define TRELLIS_TOOLS_GPU_CHECK_GPU_CHECK_H_

#include <ostream>
#include <string>

namespace trellis {

struct GpuCheckOptions {
  std::string folder;
  double total_seconds = 480;
  double program_seconds = 120;
  std::string out;  // the table is written to this file, too; "": to none
};

// Failed programs' last lines go to `out`, then what the machine has, the table
// and, last, "N passed, N failed[, N skipped]". Returns 0 if there was a GPU
// and something passed and nothing failed, else 1.
//
// A program that the time left does not suffice to start is a failed row. Where
// there is no GPU the tests run, to show that they skip, and the benchmarks are
// skipped rows.
int GpuCheck(const GpuCheckOptions& options, std::ostream& out);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_GPU_CHECK_GPU_CHECK_H_
