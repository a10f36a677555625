// The seeds of random operations (R1.67 - R1.69).
#ifndef TRELLIS_GRAPH_SEEDS_H_
#define TRELLIS_GRAPH_SEEDS_H_

#include <cstdint>
#include <optional>

#include "trellis/graph/graph.h"

namespace trellis {

// The attributes `seed` and `seed2` of a random op; both 0: a new sequence in
// every session.
struct SeedPair {
  int64_t seed = 0;
  int64_t seed2 = 0;
  bool operator==(const SeedPair&) const = default;
};

// From here on the graph has this seed, or none, instead of GraphOptions::seed.
void SetRandomSeed(Graph& graph, std::optional<int64_t> seed);

// The graph's seed, if it has one.
std::optional<int64_t> RandomSeed(Graph& graph);

// The seeds of an op that is made next, given the one that its caller asked
// for. Without one, but with a graph seed, they depend on how many nodes the
// graph has: ask after the op's literals are made and before the op is (R1.69).
SeedPair NextSeeds(Graph& graph, std::optional<int64_t> op_seed);

}  // namespace trellis

#endif  // TRELLIS_GRAPH_SEEDS_H_
