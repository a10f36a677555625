// What tests of compiler passes share: a registry with the built-in and the
// internal ops, and a Program's copy made from text.
#ifndef TRELLIS_TESTS_RUNTIME_COMPILE_COMPILE_TESTING_H_
#define TRELLIS_TESTS_RUNTIME_COMPILE_COMPILE_TESTING_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "trellis/graph/graph.h"
#include "trellis/runtime/compile/internal_ops.h"
#include "trellis/runtime/compile/prune.h"
#include "trellis/tests/graph_text.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/trellis.h"

namespace trellis::testing {

inline const OpRegistry& CompilerOps() {
  static const OpRegistry* const kOps = [] {
    auto* ops = new OpRegistry(&Builtin().ops);
    RegisterInternalOps(*ops);
    return ops;
  }();
  return *kOps;
}

// The graph of the text. Not a Program's copy yet, but it may be changed.
inline std::unique_ptr<Graph> GraphOf(absl::string_view text) {
  auto graph = std::make_unique<Graph>(CompilerOps());
  EXPECT_THAT(AddNodes(*graph, text), IsOk());
  return graph;
}

// Named as in the text.
inline RunSignature SignatureOf(const Graph& graph,
                                const std::vector<std::string>& feeds,
                                const std::vector<std::string>& fetches,
                                const std::vector<std::string>& targets = {}) {
  RunSignature signature;
  for (const std::string& name : feeds) {
    signature.feeds.push_back(*graph.FindOutput(name));
  }
  for (const std::string& name : fetches) {
    signature.fetches.push_back(*graph.FindOutput(name));
  }
  for (const std::string& name : targets) {
    signature.targets.push_back(graph.FindNode(name));
  }
  return signature;
}

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_RUNTIME_COMPILE_COMPILE_TESTING_H_
