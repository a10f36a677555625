// GraphDef -> Graph.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "trellis/base/check.h"
#include "trellis/base/log.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/attr_value_proto.h"
#include "trellis/graph/colocation_groups.h"
#include "trellis/graph/device_name.h"
#include "trellis/graph/graph_def_extras.h"
#include "trellis/graph/graph_def_fields.h"
#include "trellis/graph/graph_def_order.h"
#include "trellis/graph/graph_def_producer_ops.h"
#include "trellis/graph/graph_def_proto.h"
#include "trellis/graph/graph_def_wire.h"
#include "trellis/graph/proto_io.h"

namespace trellis {
namespace {

using absl::InvalidArgumentError;
using absl::StrCat;

constexpr absl::string_view kColocationPrefix = "loc:@";
// From this producer on TensorFlow takes contradicting `_output_shapes` for an
// error.
constexpr int kFirstStrictProducer = 21;

bool IsList(absl::string_view kind) { return absl::StartsWith(kind, "list("); }

class Importer {
 public:
  Importer(const GraphDefParts& file, const proto::OpList& producer_ops,
           Graph& graph, const ImportOptions& options, GraphDefIndex index)
      : file_(file),
        graph_(graph),
        options_(options),
        index_(std::move(index)),
        fresh_(graph.num_nodes() == 0),
        versions_before_(graph.versions()),
        extras_(graph.Attached<GraphDefExtras>()),
        producer_ops_(producer_ops, file.rest.library()),
        made_(index_.num_nodes(), nullptr),
        // Files that name a few outputs and skip many are no accident.
        growable_outputs_(65536 + 16 * index_.num_inputs()) {
    decode_.expandable_bytes = options.max_expanded_bytes;
  }

  absl::StatusOr<ImportResult> Run();
  // Takes back what a failed Run has added.
  void Undo();

 private:
  struct BackEdge {
    int node;
    int input;
    InputRef from;
  };

  absl::Status ChooseNames();
  absl::Status ReadInputMap();
  // Whether nodes keep the names that the file has.
  bool keeps_names() const { return prefix_.empty() && renamed_.empty(); }
  std::string FullName(int node) const;

  absl::Status AddNodes(absl::Span<const int> order);
  absl::Status AddNode(int node);
  absl::Status ReadAttrs(int node, const OpSchema* schema, NodeSpec* spec);
  absl::Status CheckDeclared(const OpSchema& schema, absl::string_view attr,
                             const AttrValue& value) const;
  absl::Status ReadColocations(int node, AttrValue* value);
  absl::StatusOr<Output> FindInput(const InputRef& input);
  absl::Status AddOutput(Node* node, int port);
  absl::Status DescribeUnknownOutputs(Node* node);
  absl::Status UseOutputShapes(Node* node);
  void KeepExtras(const Node& node);
  absl::Status ConnectLoops();
  absl::Status CheckColocations() const;

  absl::Status CheckInputMapUsed() const;
  absl::Status CollectResults(ImportResult* result);
  void MarkNames();

  const GraphDefParts& file_;
  Graph& graph_;
  const ImportOptions& options_;
  const GraphDefIndex index_;
  const bool fresh_;  // the graph was empty
  const GraphVersions versions_before_;
  GraphDefExtras& extras_;
  const ProducerOps producer_ops_;
  DecodeState decode_;

  std::string prefix_;
  // New names of nodes whose own was taken; by node.
  absl::flat_hash_map<int, std::string> renamed_;
  struct Mapped {
    Output to;
    size_t key;  // in options_.input_map
  };
  absl::flat_hash_map<std::pair<int, int>, Mapped> input_map_;
  absl::flat_hash_set<size_t> used_keys_;

  std::vector<Node*> made_;      // by node
  std::vector<Node*> in_order_;  // as they were made
  std::vector<BackEdge> back_edges_;
  ColocationGroups colocations_;
  // The NodeHead::rest of the node that is being made; one message for all
  // spares allocations.
  proto::NodeDef def_;
  // Its attributes that AttrValue cannot give back.
  std::vector<GraphDefExtras::Attr> inexact_attrs_;
  size_t growable_outputs_;
};

absl::StatusOr<ImportResult> Importer::Run() {
  TRELLIS_RETURN_IF_ERROR(graph_.status());
  TRELLIS_RETURN_IF_ERROR(ChooseNames());
  TRELLIS_RETURN_IF_ERROR(ReadInputMap());
  TRELLIS_ASSIGN_OR_RETURN(const std::vector<int> order, index_.Order());
  // Before any node is made: shape functions look at the producer.
  graph_.set_versions(
      MergeVersions(versions_before_, file_.rest.versions(), fresh_));
  in_order_.reserve(order.size());
  graph_.Reserve(index_.num_nodes());
  TRELLIS_RETURN_IF_ERROR(AddNodes(order));
  TRELLIS_RETURN_IF_ERROR(ConnectLoops());
  TRELLIS_RETURN_IF_ERROR(CheckColocations());
  TRELLIS_RETURN_IF_ERROR(CheckInputMapUsed());
  ImportResult result;
  TRELLIS_RETURN_IF_ERROR(CollectResults(&result));
  TRELLIS_RETURN_IF_ERROR(MergeGraphFields(file_.rest, fresh_, &extras_));
  // Nothing fails from here on.
  MarkNames();
  if (!prefix_.empty()) graph_.names().Mark(absl::StripSuffix(prefix_, "/"));
  result.prefix = std::move(prefix_);
  result.nodes = std::move(made_);
  return result;
}

void Importer::Undo() {
  graph_.set_versions(versions_before_);
  for (const BackEdge& edge : back_edges_) {
    Node* node = made_[edge.node];
    if (node != nullptr) (void)graph_.SetInput(node, edge.input, Output());
  }
  for (auto it = in_order_.rbegin(); it != in_order_.rend(); ++it) {
    extras_.nodes.erase((*it)->id());
    extras_.attrs.erase((*it)->id());
    const absl::Status removed = graph_.RemoveNode(*it);
    TRELLIS_CHECK(removed.ok()) << removed.ToString();
  }
}

absl::Status Importer::ChooseNames() {
  const absl::string_view asked = options_.prefix;
  if (!asked.empty()) {
    prefix_ = absl::EndsWith(asked, "/")
                  ? std::string(asked)
                  : StrCat(graph_.UniqueName(asked, /*mark=*/false), "/");
  }
  if (graph_.num_nodes() == 0) return absl::OkStatus();
  absl::flat_hash_set<std::string> given;
  for (int i = 0; i < index_.num_nodes(); ++i) {
    const std::string name = FullName(i);
    if (graph_.FindNode(name) == nullptr) continue;
    const auto taken = [&](const std::string& candidate) {
      return graph_.FindNode(candidate) != nullptr ||
             given.contains(candidate) ||
             (absl::StartsWith(candidate, prefix_) &&
              index_.Find(
                  absl::string_view(candidate).substr(prefix_.size())) >= 0);
    };
    std::string candidate;
    int suffix = 1;
    do {
      candidate = StrCat(name, "_", suffix++);
    } while (taken(candidate));
    given.insert(candidate);
    renamed_[i] = std::move(candidate);
  }
  return absl::OkStatus();
}

std::string Importer::FullName(int node) const {
  if (keeps_names()) return std::string(index_.name(node));
  const auto it = renamed_.find(node);
  return it != renamed_.end() ? it->second : StrCat(prefix_, index_.name(node));
}

absl::Status Importer::ReadInputMap() {
  for (size_t key = 0; key < options_.input_map.size(); ++key) {
    const auto& [from, to] = options_.input_map[key];
    TRELLIS_ASSIGN_OR_RETURN(const InputName name, ParseInputName(from));
    if (!to || &to.node->graph() != &graph_) {
      return InvalidArgumentError(
          StrCat("the input map connects ", from,
                 " to a tensor of no or another graph"));
    }
    // A name that the file lacks stays unused, which is reported as such.
    input_map_[{index_.Find(name.node), name.port}] = {to, key};
  }
  return absl::OkStatus();
}

absl::Status Importer::CheckInputMapUsed() const {
  std::vector<std::string> unused;
  for (size_t key = 0; key < options_.input_map.size(); ++key) {
    if (!used_keys_.contains(key)) {
      unused.push_back(options_.input_map[key].first);
    }
  }
  if (unused.empty()) return absl::OkStatus();
  return InvalidArgumentError(
      StrCat("the input map names inputs that no imported node has: ",
             absl::StrJoin(unused, ", ")));
}

// Every group exists (B20), and has the name that its node has in the graph.
absl::Status Importer::ReadColocations(int node, AttrValue* value) {
  if (value->list() == nullptr || value->list()->s.empty()) {
    return absl::OkStatus();
  }
  AttrList list = *value->list();
  for (std::string& entry : list.s) {
    absl::string_view name = entry;
    if (!absl::ConsumePrefix(&name, kColocationPrefix)) continue;
    const int with = index_.Find(name);
    if (with < 0) {
      return InvalidArgumentError(StrCat("is to be colocated with ", name,
                                         ", which the file does not have",
                                         index_.DidYouMean(name)));
    }
    colocations_.Add(node, with);
    entry = StrCat(kColocationPrefix, FullName(with));
  }
  *value = AttrValue(std::move(list));
  return absl::OkStatus();
}

absl::Status Importer::CheckColocations() const {
  const std::optional<int> node = colocations_.FindRing();
  if (!node.has_value()) return absl::OkStatus();
  return index_.At(*node, InvalidArgumentError(
                              "colocations lead in a ring back to this node"));
}

// What an undeclared attribute may be: the default of an op that the writer
// knew with more attributes than we do, or whatever the caller lets pass.
absl::Status Importer::CheckDeclared(const OpSchema& schema,
                                     absl::string_view attr,
                                     const AttrValue& value) const {
  if (absl::StartsWith(attr, "_") || schema.FindAttr(attr) != nullptr) {
    return absl::OkStatus();
  }
  if (producer_ops_.IsDefault(schema.name, attr, value)) {
    return absl::OkStatus();
  }
  if (options_.keep_undeclared_attrs) {
    TRELLIS_LOG(Warning) << "attribute " << attr << " = " << value.ToString()
                         << " of op " << schema.name
                         << " is unknown and has no effect";
    return absl::OkStatus();
  }
  return InvalidArgumentError(StrCat("op ", schema.name, " has no attribute ",
                                     attr, ", which is ", value.ToString()));
}

absl::Status Importer::ReadAttrs(int node, const OpSchema* schema,
                                 NodeSpec* spec) {
  inexact_attrs_.clear();
  spec->attrs.reserve(def_.attr().size());
  for (const auto& [name, message] : def_.attr()) {
    const AttrSchema* declared =
        schema == nullptr ? nullptr : schema->FindAttr(name);
    decode_.exact = true;
    absl::StatusOr<AttrValue> value = AttrValueFromProto(message, decode_);
    if (!value.ok() && absl::IsUnimplemented(value.status()) &&
        declared == nullptr) {
      // Nobody here looks at it.
      value = AttrValue();
      decode_.exact = false;
    }
    if (!value.ok()) {
      return absl::Status(
          value.status().code(),
          StrCat("attribute ", name, ": ", value.status().message()));
    }
    if (declared != nullptr && !value->is_set() && IsList(declared->kind)) {
      *value = AttrValue(AttrList());
    }
    if (schema != nullptr) {
      TRELLIS_RETURN_IF_ERROR(CheckDeclared(*schema, name, *value));
    }
    if (name == "_class") {
      TRELLIS_RETURN_IF_ERROR(ReadColocations(node, &*value));
    }
    // Of a renamed group the file's bytes have the old name.
    if (!decode_.exact && (name != "_class" || keeps_names())) {
      TRELLIS_ASSIGN_OR_RETURN(std::string bytes, SerializeMessage(message));
      inexact_attrs_.push_back({name, *value, std::move(bytes)});
    }
    spec->attrs.emplace_back(name, *std::move(value));
  }
  return absl::OkStatus();
}

absl::StatusOr<Output> Importer::FindInput(const InputRef& input) {
  if (!input_map_.empty()) {
    const auto mapped = input_map_.find({input.node, input.port});
    if (mapped != input_map_.end()) {
      used_keys_.insert(mapped->second.key);
      return mapped->second.to;
    }
  }
  Node* from = made_[input.node];
  if (from == nullptr || input.port == InputRef::kControlPort) {
    return Output{from, 0};
  }
  if (input.port >= from->num_outputs()) {
    if (from->schema() != nullptr) {
      return InvalidArgumentError(
          StrCat("input ", index_.name(input.node), ":", input.port,
                 " does not exist; ", from->name(), " (", from->op(), ") has ",
                 from->num_outputs(), " outputs"));
    }
    TRELLIS_RETURN_IF_ERROR(AddOutput(from, input.port));
  }
  return from->output(input.port);
}

// Gives a node of an unknown op outputs up to `port`.
absl::Status Importer::AddOutput(Node* node, int port) {
  const size_t grown = static_cast<size_t>(port) + 1 - node->num_outputs();
  if (grown > growable_outputs_) {
    return InvalidArgumentError(
        StrCat("the file claims output ", port, " of ", node->name(), " (",
               node->op(), "); unknown ops have no so many outputs"));
  }
  growable_outputs_ -= grown;
  return graph_.SetOutputDType({node, port}, kInvalid);
}

absl::Status Importer::AddNodes(absl::Span<const int> order) {
  // How many nodes it takes until a place in a large table has come from
  // memory.
  constexpr size_t kAhead = 2;
  for (size_t i = 0; i < order.size(); ++i) {
    if (keeps_names() && i + kAhead < order.size()) {
      graph_.PrefetchNode(index_.name(order[i + kAhead]));
    }
    TRELLIS_RETURN_IF_ERROR(AddNode(order[i]));
  }
  return absl::OkStatus();
}

absl::Status Importer::AddNode(int i) {
  const absl::Status whole =
      ParseBinaryMessage(index_.rest(i), "NodeDef", &def_);
  if (!whole.ok()) return index_.At(i, whole);
  if (def_.attr_size() != index_.num_attrs(i)) {
    return index_.At(i, InvalidArgumentError("an attribute is given twice"));
  }
  NodeSpec spec{.name = FullName(i), .op = std::string(index_.op(i))};
  const OpSchema* schema = graph_.ops().Find(spec.op);
  if (absl::Status read = ReadAttrs(i, schema, &spec); !read.ok()) {
    return index_.At(i, read);
  }
  if (!options_.clear_devices && !def_.device().empty()) {
    const auto device = DeviceName::Parse(def_.device());
    if (!device.ok()) return index_.At(i, device.status());
    spec.device = def_.device();
  }
  if (spec.device.empty()) spec.device = options_.default_device;

  absl::flat_hash_set<Node*> controls;
  const auto add_control = [&](Node* control) {
    if (controls.insert(control).second) spec.control_inputs.push_back(control);
  };
  const size_t first_back_edge = back_edges_.size();
  for (const InputRef& input : index_.inputs(i)) {
    absl::StatusOr<Output> from = FindInput(input);
    if (!from.ok()) return index_.At(i, from.status());
    if (input.port == InputRef::kControlPort) {
      add_control(from->node);
      continue;
    }
    if (!*from) {
      back_edges_.push_back({i, static_cast<int>(spec.inputs.size()), input});
    }
    spec.inputs.push_back(*from);
  }
  for (Node* control : options_.control_inputs) add_control(control);

  absl::StatusOr<Node*> added = graph_.TryAddNode(std::move(spec));
  if (!added.ok()) {
    back_edges_.resize(first_back_edge);
    return added.status();
  }
  Node* node = *added;
  made_[i] = node;
  in_order_.push_back(node);
  KeepExtras(*node);
  if (schema == nullptr) {
    if (absl::Status s = DescribeUnknownOutputs(node); !s.ok())
      return index_.At(i, s);
  }
  if (absl::Status s = UseOutputShapes(node); !s.ok()) return index_.At(i, s);
  return absl::OkStatus();
}

void Importer::KeepExtras(const Node& node) {
  if (!inexact_attrs_.empty()) {
    extras_.attrs[node.id()] = std::move(inexact_attrs_);
    inexact_attrs_.clear();
  }
  if (!def_.has_experimental_debug_info() && !def_.has_experimental_type() &&
      !HasUnknownFields(def_)) {
    return;
  }
  proto::NodeDef rest = def_;
  rest.clear_name();
  rest.clear_op();
  rest.clear_input();
  rest.clear_device();
  rest.clear_attr();
  extras_.nodes[node.id()] = rest.SerializeAsString();
}

// The outputs of a node without a schema, if the writer described its op.
absl::Status Importer::DescribeUnknownOutputs(Node* node) {
  int port = 0;
  for (DType type : producer_ops_.OutputTypes(*node, growable_outputs_)) {
    TRELLIS_RETURN_IF_ERROR(AddOutput(node, port));
    TRELLIS_RETURN_IF_ERROR(graph_.SetOutputDType({node, port}, type));
    ++port;
  }
  return absl::OkStatus();
}

absl::Status Importer::UseOutputShapes(Node* node) {
  const AttrValue* attr = node->FindAttr("_output_shapes");
  if (attr == nullptr || attr->list() == nullptr) return absl::OkStatus();
  const std::vector<Shape>& shapes = attr->list()->shape;
  const int given = static_cast<int>(shapes.size());
  if (given > node->num_outputs() && node->schema() == nullptr) {
    TRELLIS_RETURN_IF_ERROR(AddOutput(node, given - 1));
  }
  if (given < node->num_outputs()) {
    return InvalidArgumentError(StrCat("_output_shapes lists ", given,
                                       " shapes; the node has ",
                                       node->num_outputs(), " outputs"));
  }
  for (int i = 0; i < node->num_outputs(); ++i) {
    absl::StatusOr<Shape> both = MergeShapes(node->output_shape(i), shapes[i]);
    if (both.ok()) {
      TRELLIS_RETURN_IF_ERROR(
          graph_.SetOutputShape(node->output(i), *std::move(both)));
    } else if (file_.rest.versions().producer() >= kFirstStrictProducer) {
      return InvalidArgumentError(
          StrCat("_output_shapes says ", shapes[i].ToString(), " of output ", i,
                 ", whose shape is ", node->output_shape(i).ToString()));
    }
  }
  return absl::OkStatus();
}

absl::Status Importer::ConnectLoops() {
  for (const BackEdge& edge : back_edges_) {
    Node* node = made_[edge.node];
    const absl::StatusOr<Output> from = FindInput(edge.from);
    if (!from.ok()) return index_.At(edge.node, from.status());
    const AttrValue* type = node->FindAttr("T");
    if (type != nullptr && type->type() != nullptr &&
        from->dtype() != kInvalid && BaseType(from->dtype()) != *type->type()) {
      return index_.At(edge.node, InvalidArgumentError(StrCat(
                                      "the loop brings back ", from->name(),
                                      ", which is ", DTypeName(from->dtype()),
                                      "; T is ", type->ToString())));
    }
    TRELLIS_RETURN_IF_ERROR(graph_.SetInput(node, edge.input, *from));
  }
  return absl::OkStatus();
}

absl::Status Importer::CollectResults(ImportResult* result) {
  for (const std::string& text : options_.return_tensors) {
    TRELLIS_ASSIGN_OR_RETURN(const InputName name, ParseInputName(text));
    const int node = index_.Find(name.node);
    if (node < 0 || name.port == InputRef::kControlPort) {
      return InvalidArgumentError(StrCat("the file has no tensor ", text,
                                         " to return",
                                         index_.DidYouMean(name.node)));
    }
    TRELLIS_ASSIGN_OR_RETURN(Output output, FindInput({node, name.port}));
    result->tensors.push_back(output);
  }
  for (const std::string& name : options_.return_nodes) {
    const int node = index_.Find(name);
    if (node < 0) {
      return InvalidArgumentError(StrCat("the file has no node ", name,
                                         " to return",
                                         index_.DidYouMean(name)));
    }
    result->named_nodes.push_back(made_[node]);
  }
  return absl::OkStatus();
}

// From the file's bytes, which are together, rather than from the nodes.
void Importer::MarkNames() {
  if (!keeps_names()) {
    for (const Node* node : in_order_) graph_.names().Mark(node->name());
    return;
  }
  std::vector<absl::string_view> names(made_.size());
  for (size_t i = 0; i < names.size(); ++i) names[i] = index_.name(i);
  graph_.names().Mark(names);
}

}  // namespace

absl::StatusOr<ImportResult> ImportGraph(absl::string_view bytes,
                                         const proto::OpList& producer_ops,
                                         Graph& graph,
                                         const ImportOptions& options) {
  TRELLIS_ASSIGN_OR_RETURN(const GraphDefParts file, SplitGraphDef(bytes));
  TRELLIS_RETURN_IF_ERROR(CheckVersions(file.rest.versions()));
  TRELLIS_ASSIGN_OR_RETURN(GraphDefIndex index,
                           GraphDefIndex::Make(file.nodes));
  std::lock_guard lock(graph.mutex());
  Importer importer(file, producer_ops, graph, options, std::move(index));
  absl::StatusOr<ImportResult> result = importer.Run();
  if (!result.ok()) importer.Undo();
  return result;
}

}  // namespace trellis
