#include <fstream>
#include <iterator>
#include <string>

#include "gtest/gtest.h"
#include "trellis/ops/all.h"
#include "trellis/tools/gen_ops/op_docs.h"

namespace trellis {
namespace {

TEST(OpsPageTest, DocsOpsMdIsWhatTheSchemasSay) {
  std::ifstream file("docs/ops.md");
  const std::string page((std::istreambuf_iterator<char>(file)),
                         std::istreambuf_iterator<char>());
  EXPECT_TRUE(page == OpsPage(OpFamilies()))
      << "docs/ops.md is not current; write it again with\n"
         "  bazel run //tools/gen_ops -- docs > docs/ops.md";
}

}  // namespace
}  // namespace trellis
