// The first stage of compiling: the part of the user's graph that a signature
// needs, as a graph of its own that the later passes may change.
#ifndef TRELLIS_RUNTIME_COMPILE_PRUNE_H_
#define TRELLIS_RUNTIME_COMPILE_PRUNE_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "trellis/graph/graph.h"

namespace trellis {

// What is fed, fetched and run for its effects. No feed twice.
struct RunSignature {
  std::vector<Output> feeds;
  std::vector<Output> fetches;
  std::vector<Node*> targets;
};

// Walks backwards from fetches and targets, through data and control edges, cut
// at feeds (R4.18 - R4.21). In the copy, each feed is a _Feed node, each fetch
// a _Fetch node, and one _Target node has the targets as control inputs. Other
// nodes keep name, attributes, device, location and relative order of ids.
//
// `ops` knows the ops of `graph` and the internal ones, and outlives the copy.
// InvalidArgument if a node is needed whose op is unknown, if a placeholder is
// needed and not fed (R4.20), or if a fetch has nothing to give.
absl::StatusOr<std::unique_ptr<Graph>> Prune(const Graph& graph,
                                             const RunSignature& signature,
                                             const OpRegistry& ops);

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_COMPILE_PRUNE_H_
