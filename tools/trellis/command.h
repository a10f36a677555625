// A command of the program: what `trellis NAME ARGUMENTS [flags]` does.
#ifndef TRELLIS_TOOLS_TRELLIS_COMMAND_H_
#define TRELLIS_TOOLS_TRELLIS_COMMAND_H_

#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "trellis/tools/trellis/flags.h"

namespace trellis {

// What the exit status tells: kYes is 0, kNo 1. An error is 2.
enum class Answer { kYes, kNo };

struct Command {
  std::string name;
  std::string arguments;  // "FILE", "PREFIX [OTHER]"
  std::string summary;    // one line
  std::string details;    // whole lines, or ""
  // --format and --help, which every command has, are not among them.
  std::vector<FlagSpec> flags = {};
  size_t min_arguments = 1;
  size_t max_arguments = 1;
  // Prints its answer. What is wrong with the input is an error of one line.
  absl::StatusOr<Answer> (*run)(const Flags& flags,
                                std::ostream& out) = nullptr;
};

inline bool WantsJson(const Flags& flags) {
  return flags.Get("format") == "json";
}

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_COMMAND_H_
