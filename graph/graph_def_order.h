// Which nodes a GraphDef has, and in which order they can be made. Internal to
// import.
#ifndef TRELLIS_GRAPH_GRAPH_DEF_ORDER_H_
#define TRELLIS_GRAPH_GRAPH_DEF_ORDER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "trellis/graph/graph_def_wire.h"

namespace trellis {

// An input of a node: an output of node `node` of the file, or, with port
// kControlPort, that it runs before.
struct InputRef {
  static constexpr int kControlPort = -1;
  int node;
  int port;
};

// "a:2" -> {a, 2}; "a" -> {a, 0}; "^a" -> {a, kControlPort}. InvalidArgument
// for a port that does not fit an int, a control input with a port and an empty
// name. The name is not looked up.
struct InputName {
  absl::string_view node;
  int port;
};
absl::StatusOr<InputName> ParseInputName(absl::string_view input);

// The nodes of a file by name, and their inputs resolved. Borrows the bytes.
class GraphDefIndex {
 public:
  // Of NodeDefs in their binary form. InvalidArgument, naming the node: damaged
  // bytes, a malformed name, one that occurs twice, an input that is malformed
  // or not there, data inputs after control inputs.
  static absl::StatusOr<GraphDefIndex> Make(
      absl::Span<const absl::string_view> nodes);

  int num_nodes() const { return static_cast<int>(heads_.size()); }
  absl::string_view name(int node) const { return heads_[node].name; }
  absl::string_view op(int node) const { return heads_[node].op; }
  // How many attributes the node has; one that is given twice counts twice.
  int num_attrs(int node) const { return heads_[node].num_attrs; }
  // NodeHead::rest.
  absl::string_view rest(int node) const { return heads_[node].rest; }
  // `status` with the node's name before its message.
  absl::Status At(int node, const absl::Status& status) const;
  // -1 if there is none.
  int Find(absl::string_view name) const;
  absl::Span<const InputRef> inputs(int node) const {
    return absl::MakeConstSpan(inputs_).subspan(
        first_input_[node], first_input_[node + 1] - first_input_[node]);
  }
  size_t num_inputs() const { return inputs_.size(); }
  // "; did you mean ...?", or "".
  std::string DidYouMean(absl::string_view name) const;

  // All nodes, each after those it takes inputs from, otherwise in the order of
  // the file. What a Merge takes from a NextIteration closes a loop and is not
  // waited for. InvalidArgument, naming the nodes, if there is another cycle.
  absl::StatusOr<std::vector<int>> Order() const;

 private:
  // An input whose node comes later in the file, if it has it at all.
  struct Forward {
    int node;
    size_t input;  // in inputs_
    InputName name;
  };

  // A node as its bytes have it.
  struct FileNode {
    NodeHead head;
    std::vector<absl::string_view> inputs;
    absl::Status read;  // whether the bytes are whole

    void Read(absl::string_view bytes);
  };

  absl::Status Add(const FileNode& node);
  absl::Status ConnectForward();
  bool ClosesLoop(int node, const InputRef& input) const;
  absl::Status CycleError(const std::vector<int>& waits_for) const;

  std::vector<NodeHead> heads_;
  absl::flat_hash_map<absl::string_view, int> by_name_;
  std::vector<InputRef> inputs_;
  std::vector<size_t> first_input_;  // of each node, and the end
  std::vector<Forward> forward_;
};

}  // namespace trellis

#endif  // TRELLIS_GRAPH_GRAPH_DEF_ORDER_H_
