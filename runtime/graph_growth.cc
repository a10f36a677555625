#include "trellis/runtime/graph_growth.h"

#include "trellis/base/log.h"

namespace trellis {
namespace {

constexpr int kWarnAt = 100;

}  // namespace

void GraphGrowth::Saw(int num_nodes) {
  int before = num_nodes_.load(std::memory_order_relaxed);
  // Of threads that see the same growth one counts it.
  if (num_nodes <= before ||
      !num_nodes_.compare_exchange_strong(before, num_nodes,
                                          std::memory_order_relaxed)) {
    return;
  }
  if (before > 0 && ++times_ == kWarnAt) {
    TRELLIS_LOG(Warning) << "the graph has grown between runs " << kWarnAt
                         << " times, to " << num_nodes
                         << " nodes: does a loop add nodes as it runs them? "
                            "Graph::Finalize before the loop says where";
  }
}

}  // namespace trellis
