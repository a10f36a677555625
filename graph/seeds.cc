#include "trellis/graph/seeds.h"

#include <mutex>

namespace trellis {
namespace {

constexpr int64_t kModulus = 2147483647;  // 2^31 - 1
constexpr int64_t kDefaultGraphSeed = 87654321;

// The remainder, never negative.
int64_t Reduce(int64_t seed) {
  const int64_t remainder = seed % kModulus;
  return remainder < 0 ? remainder + kModulus : remainder;
}

struct LaterSeed {
  bool is_set = false;
  std::optional<int64_t> seed;
};

}  // namespace

void SetRandomSeed(Graph& graph, std::optional<int64_t> seed) {
  std::lock_guard lock(graph.mutex());
  graph.Attached<LaterSeed>() = {.is_set = true, .seed = seed};
}

std::optional<int64_t> RandomSeed(Graph& graph) {
  std::lock_guard lock(graph.mutex());
  const LaterSeed& later = graph.Attached<LaterSeed>();
  return later.is_set ? later.seed : graph.options().seed;
}

SeedPair NextSeeds(Graph& graph, std::optional<int64_t> op_seed) {
  const std::optional<int64_t> graph_seed = RandomSeed(graph);
  if (!graph_seed.has_value() && !op_seed.has_value()) return {};
  SeedPair seeds = {
      .seed = Reduce(graph_seed.value_or(kDefaultGraphSeed)),
      // Node ids count from 1 in TensorFlow: this is the last node's.
      .seed2 = Reduce(op_seed.value_or(graph.id_limit())),
  };
  if (seeds == SeedPair()) seeds.seed2 = kModulus;  // R1.68
  return seeds;
}

}  // namespace trellis
