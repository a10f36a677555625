// A program started under a time limit.
#ifndef TRELLIS_TOOLS_GPU_CHECK_CHILD_PROCESS_H_
#define TRELLIS_TOOLS_GPU_CHECK_CHILD_PROCESS_H_

#include <string>
#include <utility>
#include <vector>

namespace trellis {

struct ChildProcess {
  std::string program;  // a path
  std::vector<std::string> arguments = {};
  std::string folder = ".";  // where it runs
  // Set in its environment, beside what this process has.
  std::vector<std::pair<std::string, std::string>> variables = {};
  double seconds = 60;  // past which it is killed
};

struct ChildResult {
  int status = -1;     // what it exited with; -1 if it did not exit by itself
  std::string ended;   // how, for people; "" for status 0
  std::string output;  // of both streams, as they came
  double seconds = 0;
};

// Returns when the program has ended. What it started and left running is
// killed with it.
ChildResult RunChild(const ChildProcess& child);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_GPU_CHECK_CHILD_PROCESS_H_
