// Any bytes are a graph or an error; a graph writes to what reads back, and
// then to the same bytes.
#include <cstdint>
#include <string>

#include "trellis/base/check.h"
#include "trellis/graph/graph_def.h"
#include "trellis/tests/graph/test_ops.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const trellis::OpRegistry* const ops = [] {
    auto* ops = new trellis::OpRegistry();
    trellis::testing::RegisterTestOps(*ops);
    return ops;
  }();
  const trellis::ImportOptions options = {.max_expanded_bytes = 1 << 20};
  const auto graph = trellis::ImportGraphDef(
      {reinterpret_cast<const char*>(data), size}, *ops, options);
  if (!graph.ok() || (*graph)->num_nodes() == 0) return 0;
  const auto bytes = trellis::ExportGraphDef(**graph);
  TRELLIS_CHECK(bytes.ok()) << bytes.status().ToString();
  const auto again = trellis::ImportGraphDef(*bytes, *ops, options);
  TRELLIS_CHECK(again.ok()) << again.status().ToString();
  const auto bytes_again = trellis::ExportGraphDef(**again);
  TRELLIS_CHECK(bytes_again.ok() && *bytes_again == *bytes);
  return 0;
}
