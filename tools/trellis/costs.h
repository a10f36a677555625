// What one run of a graph costs, by the size of the batch, from shapes alone.
#ifndef TRELLIS_TOOLS_TRELLIS_COSTS_H_
#define TRELLIS_TOOLS_TRELLIS_COSTS_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "trellis/graph/graph.h"

namespace trellis {

// What the figures of Cost are, in words.
inline constexpr absl::string_view kCostsExplained =
    "flops: 2 per multiply-add of matrix products and convolutions; "
    "activation_bytes: all computed tensors at once, an upper bound";

struct Cost {
  int64_t batch = 0;
  int64_t flops = 0;
  int64_t activation_bytes = 0;
  // Nodes that are not in `flops` or not in `activation_bytes` because a shape
  // is not known.
  int64_t nodes_without_shape = 0;
};

// The cost of computing `nodes`, for each batch size: the first dimensions that
// the placeholders of the graph leave open.
//
// Changes the shapes in the graph on the way and puts them back. REQUIRES: no
// session has compiled it.
std::vector<Cost> CostsOf(Graph& graph,
                          const absl::flat_hash_set<const Node*>& nodes,
                          absl::Span<const int64_t> batches);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_COSTS_H_
