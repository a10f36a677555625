// Counts how often a graph has grown between the runs of a session, and warns
// of the classic leak: a loop that adds the nodes that it runs. Thread-safe.
#ifndef TRELLIS_RUNTIME_GRAPH_GROWTH_H_
#define TRELLIS_RUNTIME_GRAPH_GROWTH_H_

#include <atomic>

namespace trellis {

class GraphGrowth {
 public:
  // To be called before each run, with the size of the graph. Logs one warning,
  // at the hundredth growth; the nodes of before the first run are none.
  void Saw(int num_nodes);

 private:
  std::atomic<int> num_nodes_ = 0;
  std::atomic<int> times_ = 0;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_GRAPH_GROWTH_H_
