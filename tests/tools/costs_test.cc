#include "trellis/tools/trellis/costs.h"

#include <limits>
#include <string>

#include "trellis/graph/graph_def.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/trellis.h"

namespace trellis {
namespace {

using testing::IsOk;

std::unique_ptr<Graph> Import(const std::string& text) {
  auto graph = ImportGraphDef(text, Builtin().ops);
  EXPECT_THAT(graph, IsOk());
  return graph.ok() ? *std::move(graph) : nullptr;
}

std::vector<Cost> CostsOfAll(Graph& graph, std::vector<int64_t> batches) {
  absl::flat_hash_set<const Node*> nodes;
  for (const Node* node : graph.nodes()) nodes.insert(node);
  return CostsOf(graph, nodes, batches);
}

std::string Placeholder(const std::string& name, const std::string& dims) {
  return "node { name: '" + name +
         "' op: 'Placeholder' attr { key: 'dtype' value { type: DT_FLOAT } } "
         "attr { key: 'shape' value { shape { " +
         dims + " } } } }";
}

constexpr char kFloat[] = "attr { key: 'T' value { type: DT_FLOAT } }";

TEST(CostsTest, MatrixProductsByBatch) {
  const auto graph =
      Import(Placeholder("x", "dim { size: -1 } dim { size: 3 }") +
             Placeholder("w", "dim { size: 5 } dim { size: 3 }") +
             "node { name: 'y' op: 'MatMul' input: 'x' input: 'w' attr { key: "
             "'transpose_b' value { b: true } } " +
             kFloat + " }");
  const auto costs = CostsOfAll(*graph, {1, 7});
  ASSERT_EQ(costs.size(), 2);
  EXPECT_EQ(costs[0].flops, 2 * 1 * 3 * 5);
  EXPECT_EQ(costs[1].flops, 2 * 7 * 3 * 5);
  EXPECT_EQ(costs[1].activation_bytes, 7 * 5 * 4);
  EXPECT_EQ(costs[1].nodes_without_shape, 0);
  // The graph is as it was.
  EXPECT_EQ(graph->FindNode("x")->output_shape(0), Shape({-1, 3}));
  EXPECT_EQ(graph->FindNode("y")->output_shape(0), Shape({-1, 5}));
}

TEST(CostsTest, WhatIsNotKnownIsLeftOutAndCounted) {
  const auto graph = Import(
      Placeholder("x", "unknown_rank: true") +
      "node { name: 'y' op: 'MatMul' input: 'x' input: 'x' " + kFloat + " }");
  const auto costs = CostsOfAll(*graph, {4});
  EXPECT_EQ(costs[0].flops, 0);
  EXPECT_EQ(costs[0].nodes_without_shape, 1);
}

TEST(CostsTest, AbsurdShapesDoNotOverflow) {
  const auto graph = Import(
      Placeholder("x", "dim { size: 8388608 } dim { size: 16777216 }") +
      Placeholder("w", "dim { size: 16777216 } dim { size: 8388608 }") +
      "node { name: 'y' op: 'MatMul' input: 'x' input: 'w' " + kFloat + " }");
  const auto costs = CostsOfAll(*graph, {4});
  EXPECT_EQ(costs[0].flops, std::numeric_limits<int64_t>::max());
  EXPECT_EQ(costs[0].activation_bytes, int64_t{1} << 48);
}

}  // namespace
}  // namespace trellis
