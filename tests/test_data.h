// Files that TensorFlow wrote, too large for the repository: the folder named
// by the environment variable TRELLIS_TEST_DATA.
#ifndef TRELLIS_TESTS_TEST_DATA_H_
#define TRELLIS_TESTS_TEST_DATA_H_

#include <cstdlib>
#include <string>

namespace trellis::testing {

// "<TRELLIS_TEST_DATA>/<name>"; empty if the variable is not set, and then a
// test that needs it should GTEST_SKIP.
inline std::string TestDataPath(const std::string& name) {
  const char* root = std::getenv("TRELLIS_TEST_DATA");
  return root == nullptr || *root == '\0' ? "" : std::string(root) + "/" + name;
}

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_TEST_DATA_H_
