#include "trellis/tests/laws/random_graph.h"

#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "trellis/base/check.h"

namespace trellis::testing {
namespace {

constexpr int64_t kRows = 7, kColumns = 5;

class Maker {
 public:
  Maker(Graph& graph, uint32_t seed) : graph_(graph), random_(seed) {}

  RandomGraph Run(int nodes) {
    for (int i = 0; i < 3; ++i) AddFeed();
    for (int i = 0; i < 2; ++i) AddVariable();
    for (int i = 0; i < nodes; ++i) AddNode();
    for (int i = 0; i < 4; ++i) made_.fetches.push_back(Any());
    made_.fetches.push_back(values_.back());
    return std::move(made_);
  }

 private:
  int Below(int n) { return static_cast<int>(random_() % n); }
  // A value of shape [kRows, kColumns]; recent ones more often, so that graphs
  // are deep as well as wide.
  Output Any() {
    const int n = static_cast<int>(values_.size());
    return values_[Below(2) == 0 ? n - 1 - Below(std::min(n, 4)) : Below(n)];
  }

  Output Add(std::string op, std::vector<Output> inputs, AttrMap attrs = {},
             std::vector<Node*> controls = {}) {
    absl::StatusOr<Node*> node =
        graph_.TryAddNode({.name = absl::StrCat("n", count_++),
                           .op = std::move(op),
                           .inputs = std::move(inputs),
                           .control_inputs = std::move(controls),
                           .attrs = std::move(attrs)});
    TRELLIS_CHECK(node.ok()) << node.status().ToString();
    return (*node)->num_outputs() > 0 ? (*node)->output() : Output{*node, 0};
  }

  Output Const(Tensor value) {
    return Add("Const", {}, {{"dtype", value.dtype()}, {"value", value}});
  }

  Tensor RandomTensor() {
    Tensor tensor(kFloat32, {kRows, kColumns});
    for (float& f : tensor.flat<float>()) {
      f = static_cast<float>(Below(2001) - 1000) / 500;
    }
    return tensor;
  }

  void AddFeed() {
    const Output feed =
        Add("Placeholder", {},
            {{"dtype", kFloat32}, {"shape", Shape{kUnknownDim, kColumns}}});
    made_.feeds.emplace_back(feed, RandomTensor());
    values_.push_back(feed);
  }

  void AddVariable() {
    const Output handle =
        Add("VarHandleOp", {},
            {{"dtype", kFloat32}, {"shape", Shape{kRows, kColumns}}});
    handles_.push_back(handle);
    made_.initializers.push_back(
        Add("AssignVariableOp", {handle, Const(RandomTensor())}).node);
    values_.push_back(Add("ReadVariableOp", {handle}, {{"dtype", kFloat32}}));
  }

  // Keeps values in a range where nothing overflows.
  Output Tamed(Output x) {
    const Output one = Const(Tensor::Scalar(1.f));
    return Add("RealDiv", {x, Add("AddV2", {one, Add("Square", {x})})});
  }

  void AddNode() {
    static constexpr const char* kUnary[] = {"Neg", "Square", "Relu",
                                             "Identity"};
    static constexpr const char* kBinary[] = {"AddV2", "Sub", "Mul",
                                              "SquaredDifference"};
    switch (Below(8)) {
      case 0:
      case 1:
        values_.push_back(Add(kUnary[Below(4)], {Any()}));
        break;
      case 2:
      case 3:
        values_.push_back(Add(kBinary[Below(4)], {Any(), Any()}));
        break;
      case 4: {  // a reduction, broadcast back
        const Output axis = Const(Tensor::Of<int32_t>({Below(2)}));
        const Output mean = Add("Mean", {Any(), axis}, {{"keep_dims", true}});
        values_.push_back(Add("Sub", {Any(), mean}));
        break;
      }
      case 5: {  // through a shape that is computed
        const Output x = Any();
        const Output flat =
            Add("Reshape", {x, Const(Tensor::Of<int32_t>({-1}))});
        const Output back =
            Add("Reshape", {Add("Neg", {flat}), Add("Shape", {Any()})});
        values_.push_back(back);
        break;
      }
      case 6: {  // [r,c] x [r,c]^T x [r,c]
        const Output x = Tamed(Any());
        const Output gram =
            Add("MatMul", {x, Tamed(Any())}, {{"transpose_b", true}});
        values_.push_back(Add("MatMul", {gram, x}));
        break;
      }
      case 7: {  // an update, and a read that may see it
        const Output handle = handles_[Below(2)];
        Node* update =
            Add(Below(2) == 0 ? "AssignAddVariableOp" : "AssignSubVariableOp",
                {handle, Tamed(Any())})
                .node;
        made_.updates.push_back(update);
        values_.push_back(Add(
            "ReadVariableOp", {handle}, {{"dtype", kFloat32}},
            Below(2) == 0 ? std::vector<Node*>{update} : std::vector<Node*>{}));
        break;
      }
    }
    values_.back() = Tamed(values_.back());
  }

  Graph& graph_;
  std::mt19937 random_;
  RandomGraph made_;
  std::vector<Output> values_;
  std::vector<Output> handles_;
  int count_ = 0;
};

}  // namespace

RandomGraph AddRandomNodes(Graph& graph, uint32_t seed, int nodes) {
  return Maker(graph, seed).Run(nodes);
}

}  // namespace trellis::testing
