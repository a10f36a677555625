// gpu_check: see gpu_check.h and docs/gpu_check.md.
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/tools/gpu_check/gpu_check.h"
#include "trellis/tools/trellis/flags.h"

namespace trellis {
namespace {

constexpr char kUsage[] =
    "gpu_check [FOLDER] [--seconds=N] [--each=N] [--out=FILE]\n"
    "\n"
    "Runs the GPU tests and benchmarks of a folder that tools/gpu_pack made\n"
    "(default: the one this program is in) and prints a table.\n"
    "\n"
    "  --seconds=N   for all of it; 480\n"
    "  --each=N      for each program; 120\n"
    "  --out=FILE    where the table is written, too; gpu_check.txt\n"
    "\n"
    "Exit status: 0 all passed; 1 something failed, or there was no GPU; 2 "
    "bad\n"
    "usage.\n";

absl::StatusOr<GpuCheckOptions> Parse(const std::vector<std::string>& args) {
  const FlagSpec specs[] = {
      {"seconds", "N", ""}, {"each", "N", ""}, {"out", "FILE", ""}};
  TRELLIS_ASSIGN_OR_RETURN(const Flags flags, Flags::Parse(args, specs));
  if (flags.args().size() > 1) {
    return absl::InvalidArgumentError("more than one folder");
  }
  GpuCheckOptions options = {.out = "gpu_check.txt"};
  if (flags.args().empty()) {
    std::error_code error;
    options.folder =
        std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  } else {
    options.folder = flags.args()[0];
  }
  if (!std::filesystem::is_directory(std::filesystem::path(options.folder) /
                                     "tests")) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", options.folder, "\" has no folder tests"));
  }
  TRELLIS_ASSIGN_OR_RETURN(options.total_seconds,
                           flags.IntOr("seconds", 480, 1));
  TRELLIS_ASSIGN_OR_RETURN(options.program_seconds,
                           flags.IntOr("each", 120, 1));
  if (flags.Has("out")) options.out = flags.Get("out");
  return options;
}

}  // namespace
}  // namespace trellis

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  if (args == std::vector<std::string>{"--help"}) {
    std::cout << trellis::kUsage;
    return 0;
  }
  const auto options = trellis::Parse(args);
  if (!options.ok()) {
    std::cerr << "gpu_check: " << options.status().message() << "\n";
    return 2;
  }
  return trellis::GpuCheck(*options, std::cout);
}
