// The static graph: nodes, and the tensors that flow between them.
//
//   Graph    owns its nodes; a Node* lives as long as its graph
//   Node     one use of an operation: name, op, inputs, attributes
//   Output   one tensor: {node, index}, trivially copyable
//
// Graphs are built through Scope (scope.h) and the generated wrappers of ops/;
// this header is what those, import and the compiler's passes stand on.
//
// Building is safe from several threads (one lock, taken by each call that adds
// or changes); reading while another thread builds is not, except through the
// session, which copies under that lock.
//
// Errors: the graph keeps its first one. After it every builder call returns
// the graph's error node (never null; outputs of dtype kInvalid and unknown
// shape), and status(), export and session creation return the error.
#ifndef TRELLIS_GRAPH_GRAPH_H_
#define TRELLIS_GRAPH_GRAPH_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <typeindex>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "trellis/graph/attr_value.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/name_table.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/source_location.h"

namespace trellis {

class Graph;
class Node;
class Scope;

// A tensor of the graph. Default made: none.
struct Output {
  Node* node = nullptr;
  int index = 0;

  explicit operator bool() const { return node != nullptr; }
  // REQUIRES of these: a node.
  DType dtype() const;
  const Shape& shape() const;
  std::string name() const;  // "conv1/Relu:0" (R1.9)

  bool operator==(const Output&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const Output& o) {
    return H::combine(std::move(h), o.node, o.index);
  }
};

class Node {
 public:
  // A node that takes an output: through data input `input`, or as a control
  // dependency (kControl).
  static constexpr int kControl = -1;
  struct Consumer {
    Node* node;
    int input;
    int output;  // which of this node's outputs; kControl for control edges
  };

  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  Graph& graph() const { return *graph_; }
  // Position in order of creation, from 0.
  int id() const { return id_; }
  const std::string& name() const { return name_; }
  // The operation's name, "MatMul".
  const std::string& op() const { return *op_; }
  // nullptr if the graph's registry does not know the operation.
  const OpSchema* schema() const { return schema_; }

  int num_inputs() const { return static_cast<int>(inputs_.size()); }
  Output input(int i) const { return inputs_[i]; }
  absl::Span<const Output> inputs() const { return inputs_; }
  absl::Span<Node* const> control_inputs() const { return control_inputs_; }
  // Which of inputs() belong to the schema's input argument `arg`.
  // REQUIRES: schema() != nullptr.
  std::pair<int, int> InputRange(int arg) const;   // [first, last)
  std::pair<int, int> OutputRange(int arg) const;  // [first, last)

  int num_outputs() const { return static_cast<int>(outputs_.size()); }
  // The error node has one output, which stands for any.
  Output output(int i = 0) { return {this, id_ < 0 ? 0 : i}; }
  DType output_dtype(int i) const { return outputs_[i].dtype; }
  const Shape& output_shape(int i) const { return outputs_[i].shape; }
  absl::Span<const Consumer> consumers() const { return consumers_; }

  // As given, sorted by name; defaults that were left out are not in it.
  const AttrMap& attrs() const { return attrs_; }
  // The value given, else the schema's default; nullptr if there is neither.
  const AttrValue* FindAttr(absl::string_view name) const;
  // REQUIRES: the attribute is there and of T's kind; what the graph has
  // checked against the schema is. T: bool, int64_t, float, std::string, DType,
  // Shape, Tensor, or a std::vector of int64_t, std::string, float, DType,
  // Shape.
  template <typename T>
  T attr(absl::string_view name) const;

  // The device asked for, canonical where it parses, "" if any.
  const std::string& device() const { return *device_; }
  const SourceLocation& location() const { return location_; }

  // "conv1/Conv2D (model.cc:42)": how errors call the node.
  std::string DebugName() const;
  // "MatMul(x:0 float32[?,784], w/read:0 float32[784,10])".
  std::string Signature() const;

 private:
  friend class Graph;
  struct OutputInfo {
    DType dtype = kInvalid;
    Shape shape;
  };

  Node() = default;

  Graph* graph_ = nullptr;
  const OpSchema* schema_ = nullptr;
  const std::string* op_ = nullptr;      // the schema's, or interned
  const std::string* device_ = nullptr;  // interned
  int id_ = 0;
  SourceLocation location_;
  std::string name_;
  // Most nodes have no more than fits in here, and then need no other block.
  absl::InlinedVector<Output, 2> inputs_;
  std::vector<Node*> control_inputs_;
  absl::InlinedVector<OutputInfo, 1> outputs_;
  absl::InlinedVector<Consumer, 1> consumers_;
  AttrMap attrs_;
};

// What a node is made from.
struct NodeSpec {
  std::string name;  // complete and not yet in the graph
  std::string op;
  // In the schema's order, lists flattened. A default-made Output stands for an
  // edge that is connected later (loops: Graph::Connect).
  std::vector<Output> inputs = {};
  std::vector<Node*> control_inputs = {};
  // In any order. Type and number attributes that follow from the inputs may be
  // left out, if at most one argument is a list.
  AttrMap attrs = {};
  std::string device = "";
  SourceLocation location = {};
};

// Format versions of a GraphDef; those of TensorFlow 1.15 by default.
struct GraphVersions {
  int producer = 134;
  int min_consumer = 0;
  std::vector<int> bad_consumers = {};
};

struct GraphOptions {
  // Reference variables, lowered control flow and 1.15's op versions, node for
  // node what TensorFlow 1.15 makes by default. Off: resource variables and
  // functional control flow, with the names TensorFlow gives with those
  // switches on.
  bool tf115 = false;
  // TensorFlow's graph-level seed; see random_seed rules (R1.65...).
  std::optional<int64_t> seed = std::nullopt;
};

// What a resource tensor's handle refers to, as far as it is known.
struct HandleInfo {
  DType dtype = kInvalid;
  Shape shape;
  bool operator==(const HandleInfo&) const = default;
};

class Graph {
 public:
  // `ops` must outlive the graph.
  explicit Graph(const OpRegistry& ops, GraphOptions options = {});
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  ~Graph();

  const OpRegistry& ops() const { return ops_; }
  const GraphOptions& options() const { return options_; }
  Scope root();

  // ---- building

  // Checks the spec against its schema, infers output types and shapes, and
  // adds the node. The graph is unchanged on error, its status too.
  absl::StatusOr<Node*> TryAddNode(NodeSpec spec);
  // The same, but a failure becomes the graph's status (if it is the first) and
  // the result is the error node.
  Node* AddNode(NodeSpec spec);

  // Makes room for so many more nodes. Asked for once, before a known number
  // of nodes is added, it spares the tables from growing.
  void Reserve(int nodes);

  // OK, or the first error of a builder call.
  absl::Status status() const;
  // Records an error of a builder; returns the error node.
  Node* AddError(absl::Status error);
  Node* error_node() { return &error_node_; }

  // R1.12. `name` is complete (scope prefix included).
  std::string UniqueName(absl::string_view name, bool mark = true);
  NameTable& names() { return names_; }

  // From now on every change is FailedPrecondition (R1.39).
  void Finalize();
  bool finalized() const { return finalized_; }
  // Nodes made so far become unchangeable: a session has compiled them (R1.41).
  void FreezeNodes();

  // ---- reading

  // In order of creation. Ids are unique, below id_limit(), and not dense once
  // nodes were removed.
  std::vector<Node*> nodes() const;
  int num_nodes() const { return num_nodes_; }
  int id_limit() const { return static_cast<int>(nodes_.size()); }
  // nullptr if there is none.
  Node* FindNode(absl::string_view name) const;
  // Brings the place where the name is looked up into the cache. REQUIRES:
  // mutex() is held.
  void PrefetchNode(absl::string_view name) const { by_name_.prefetch(name); }
  Node* node(int id) const { return nodes_[id].get(); }
  // "a/b:1" -> output, "a/b" -> output 0 (R1.37). NotFound, InvalidArgument.
  absl::StatusOr<Output> FindOutput(absl::string_view name) const;

  // nullptr unless the shape function of a resource-making op said.
  const HandleInfo* FindHandle(Output output) const;

  const GraphVersions& versions() const { return versions_; }
  void set_versions(GraphVersions versions) { versions_ = versions; }

  // ---- changing: for import and for the passes on a Program's own copy
  // FailedPrecondition on frozen nodes and finalized graphs.

  absl::Status SetInput(Node* node, int input, Output value);
  // Every use of `from` becomes one of `to`.
  absl::Status ReplaceUses(Output from, Output to);
  // Control edges from `from` become control edges from `to`.
  absl::Status ReplaceControlUses(Node* from, Node* to);
  absl::Status AddControlInput(Node* node, Node* control);
  absl::Status RemoveControlInput(Node* node, Node* control);
  absl::Status SetAttr(Node* node, absl::string_view name, AttrValue value);
  absl::Status SetDevice(Node* node, absl::string_view device);
  absl::Status SetOutputShape(Output output, Shape shape);
  // For nodes of unknown operations, whose outputs are known by their uses.
  absl::Status SetOutputDType(Output output, DType dtype);
  // REQUIRES of the graph: nothing consumes the node.
  absl::Status RemoveNode(Node* node);
  // Infers output shapes again from the inputs' shapes of now.
  absl::Status InferShapes(Node* node);

  // ---- what others keep beside the nodes

  // The graph's one object of type T, made by T() at first use: variable store,
  // collections, seeds, what an import must give back unchanged.
  template <typename T>
  T& Attached();
  // The same, or nullptr if it was never made.
  template <typename T>
  const T* FindAttached() const;

  // Taken by every call above that changes; hold it to read while others build.
  std::recursive_mutex& mutex() const { return mutex_; }

 private:
  // A node and the hash of its name, so that a growing table reads no names.
  struct NamedNode {
    size_t hash;
    Node* node;
  };
  struct NameHash {
    using is_transparent = void;
    size_t operator()(absl::string_view name) const {
      return absl::Hash<absl::string_view>()(name);
    }
    size_t operator()(const NamedNode& named) const { return named.hash; }
  };
  struct NameEq {
    using is_transparent = void;
    bool operator()(const NamedNode& named, absl::string_view name) const {
      return named.node->name() == name;
    }
    bool operator()(const NamedNode& a, const NamedNode& b) const {
      return a.node == b.node;
    }
  };

  const std::string* Intern(absl::string_view text);
  Node* NewNode();
  absl::Status CheckChangeable(const Node* node) const;
  void Link(Node* consumer, int input);
  void Unlink(Node* consumer, int input);
  // The Attached() object of this type's slot.
  std::shared_ptr<void>& Slot(std::type_index type);

  const OpRegistry& ops_;
  const GraphOptions options_;
  mutable std::recursive_mutex mutex_;
  std::vector<std::unique_ptr<Node>> nodes_;
  int num_nodes_ = 0;
  int frozen_below_ = 0;
  bool finalized_ = false;
  absl::Status status_;
  Node error_node_;
  absl::flat_hash_set<NamedNode, NameHash, NameEq> by_name_;
  absl::flat_hash_map<absl::string_view, std::unique_ptr<const std::string>>
      interned_;
  NameTable names_;
  absl::flat_hash_map<Output, HandleInfo> handles_;
  GraphVersions versions_;
  std::vector<std::pair<std::type_index, std::shared_ptr<void>>> attached_;
};

// ---- implementation of templates

template <typename T>
T& Graph::Attached() {
  std::lock_guard lock(mutex_);
  std::shared_ptr<void>& slot = Slot(std::type_index(typeid(T)));
  if (slot == nullptr) slot = std::make_shared<T>();
  return *static_cast<T*>(slot.get());
}

template <typename T>
const T* Graph::FindAttached() const {
  std::lock_guard lock(mutex_);
  for (const auto& [type, object] : attached_) {
    if (type == std::type_index(typeid(T))) {
      return static_cast<const T*>(object.get());
    }
  }
  return nullptr;
}

inline DType Output::dtype() const { return node->output_dtype(index); }
inline const Shape& Output::shape() const { return node->output_shape(index); }

}  // namespace trellis

#endif  // TRELLIS_GRAPH_GRAPH_H_
