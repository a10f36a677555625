// The program in the test's process.
#ifndef TRELLIS_TESTS_TOOLS_RUN_TRELLIS_H_
#define TRELLIS_TESTS_TOOLS_RUN_TRELLIS_H_

#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "trellis/tests/json.h"
#include "trellis/tools/trellis/program.h"

namespace trellis::testing {

struct ProgramResult {
  int status = -1;
  std::string out, err;
};

inline ProgramResult RunTrellis(const std::vector<std::string>& args) {
  std::ostringstream out, err;
  ProgramResult result;
  result.status = RunProgram(args, out, err);
  result.out = out.str();
  result.err = err.str();
  return result;
}

// The answer of a command as JSON; null, and a failure, if there is none.
inline Json TrellisJson(std::vector<std::string> args, int status = 0) {
  args.push_back("--format=json");
  const ProgramResult result = RunTrellis(args);
  EXPECT_EQ(result.status, status) << result.err;
  const auto json = Json::Parse(result.out);
  EXPECT_TRUE(json.ok()) << json.status() << "\n" << result.out;
  return json.ok() ? *json : Json();
}

// A folder of this test's own.
inline std::string FreshDir(const std::string& name) {
  const char* root = std::getenv("TEST_TMPDIR");
  return (root == nullptr ? std::string("/tmp") : std::string(root)) + "/" +
         name;
}

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_TOOLS_RUN_TRELLIS_H_
