// trellis: looks at graphs, models and checkpoints, and runs them; docs/cli.md.
#include <iostream>
#include <string>
#include <vector>

#include "trellis/tools/trellis/program.h"

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  const std::vector<std::string> args(argv + 1, argv + argc);
  const int status = trellis::RunProgram(args, std::cout, std::cerr);
  if (!std::cout.flush()) {
    std::cerr << "trellis: cannot write to the standard output\n";
    return 2;
  }
  return status;
}
