// A chain of scalar additions, each with an addend of its own that is fed: what
// is left of the time when the arithmetic is nothing is the cost of a step.
#ifndef TRELLIS_TESTS_RUNTIME_CHAIN_GRAPH_H_
#define TRELLIS_TESTS_RUNTIME_CHAIN_GRAPH_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "trellis/base/check.h"
#include "trellis/trellis.h"

namespace trellis::testing {

struct ChainGraph {
  explicit ChainGraph(int additions) : graph(Builtin().ops) {
    const auto add = [&](NodeSpec spec) {
      absl::StatusOr<Node*> node = graph.TryAddNode(std::move(spec));
      TRELLIS_CHECK(node.ok()) << node.status().ToString();
      return (*node)->output();
    };
    const auto placeholder = [&](std::string name) {
      const Output p =
          add({.name = std::move(name),
               .op = "Placeholder",
               .attrs = {{"dtype", kFloat32}, {"shape", Shape::Scalar()}}});
      feeds.push_back(p);
      return p;
    };
    sum = placeholder("start");
    for (int i = 0; i < additions; ++i) {
      const Output addend = placeholder(absl::StrCat("addend", i));
      sum = add({.name = absl::StrCat("sum", i),
                 .op = "AddV2",
                 .inputs = {sum, addend}});
    }
    for (size_t i = 0; i < feeds.size(); ++i) {
      values.push_back(Tensor::Scalar(static_cast<float>(i % 7)));
    }
  }

  Graph graph;
  std::vector<TensorRef> feeds;
  std::vector<Tensor> values;
  Output sum;
};

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_RUNTIME_CHAIN_GRAPH_H_
