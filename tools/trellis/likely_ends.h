// Where data most likely enters and leaves a graph, and what speaks for it.
#ifndef TRELLIS_TOOLS_TRELLIS_LIKELY_ENDS_H_
#define TRELLIS_TOOLS_TRELLIS_LIKELY_ENDS_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/meta_graph.h"

namespace trellis {

struct LikelyEnd {
  Output tensor;
  int score = 0;
  std::vector<std::string> reasons;  // the weightiest first
};

// The likeliest first; among equals in the order of the graph. Guesses: names,
// ops, shapes and signatures speak for and against.
std::vector<LikelyEnd> LikelyInputs(const MetaGraph& meta);
// Tensors that depend on one of `inputs` (any tensor, if there is none); the 20
// likeliest.
std::vector<LikelyEnd> LikelyOutputs(const MetaGraph& meta,
                                     const std::vector<LikelyEnd>& inputs);

// The nodes that these tensors and nodes are computed from, themselves
// included. Control inputs count.
absl::flat_hash_set<const Node*> Ancestors(
    const std::vector<const Node*>& nodes);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_LIKELY_ENDS_H_
