// The program `trellis` without its process: arguments in, text and an exit
// status out.
#ifndef TRELLIS_TOOLS_TRELLIS_PROGRAM_H_
#define TRELLIS_TOOLS_TRELLIS_PROGRAM_H_

#include <ostream>
#include <string>

#include "absl/types/span.h"

namespace trellis {

// Runs `trellis ARGS...`, answers to `out`. Returns the exit status: 0 done, 1
// the answer is "no" (differences, findings), 2 bad usage or bad input, with
// one line that says what on `err`.
int RunProgram(absl::Span<const std::string> args, std::ostream& out,
               std::ostream& err);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_PROGRAM_H_
