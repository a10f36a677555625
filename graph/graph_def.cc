// The public functions, and Graph -> GraphDef.
#include "trellis/graph/graph_def.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/arena.h"
#include "trellis/base/check.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/attr_value_proto.h"
#include "trellis/graph/graph_def_extras.h"
#include "trellis/graph/graph_def_proto.h"
#include "trellis/graph/proto_io.h"
#include "trellis/proto/text.h"

namespace trellis {
namespace {

class Exporter {
 public:
  Exporter(const Graph& graph, const ExportOptions& options)
      : graph_(graph),
        options_(options),
        extras_(graph.FindAttached<GraphDefExtras>()) {}

  absl::Status Run(proto::GraphDef* def) const;
  // The bytes of the message that Run makes. Node by node, since the message of
  // a large graph is many times as large as its bytes.
  absl::StatusOr<std::string> Serialize() const;

 private:
  void WriteGraphFields(proto::GraphDef* def) const;
  absl::Status WriteNode(const Node& node, proto::NodeDef* def) const;
  void WriteAttrs(const Node& node, proto::NodeDef* def) const;
  void WriteAttr(const Node& node, const std::string& name,
                 const AttrValue& value, proto::AttrValue* message) const;

  const Graph& graph_;
  const ExportOptions& options_;
  // nullptr: nothing was imported.
  const GraphDefExtras* const extras_;
};

absl::Status Exporter::Run(proto::GraphDef* def) const {
  TRELLIS_RETURN_IF_ERROR(graph_.status());
  WriteGraphFields(def);
  def->mutable_node()->Reserve(graph_.num_nodes());
  for (int id = 0; id < graph_.id_limit(); ++id) {
    const Node* node = graph_.node(id);
    if (node == nullptr) continue;
    TRELLIS_RETURN_IF_ERROR(WriteNode(*node, def->add_node()));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Exporter::Serialize() const {
  TRELLIS_RETURN_IF_ERROR(graph_.status());
  std::string bytes;
  proto::GraphDef part;
  proto::NodeDef* const def = part.add_node();
  for (int id = 0; id < graph_.id_limit(); ++id) {
    const Node* node = graph_.node(id);
    if (node == nullptr) continue;
    def->Clear();
    TRELLIS_RETURN_IF_ERROR(WriteNode(*node, def));
    TRELLIS_RETURN_IF_ERROR(AppendMessage(part, &bytes));
  }
  // Nodes are the message's first field.
  part.Clear();
  WriteGraphFields(&part);
  TRELLIS_RETURN_IF_ERROR(AppendMessage(part, &bytes));
  return bytes;
}

// All but the nodes.
void Exporter::WriteGraphFields(proto::GraphDef* def) const {
  if (extras_ != nullptr) {
    TRELLIS_CHECK(def->ParseFromString(extras_->rest));
    if (extras_->library.has_value()) {
      TRELLIS_CHECK(def->mutable_library()->ParseFromString(*extras_->library));
    }
  }
  const GraphVersions& versions = graph_.versions();
  if (versions.producer != 0 || versions.min_consumer != 0 ||
      !versions.bad_consumers.empty()) {
    def->mutable_versions()->set_producer(versions.producer);
    def->mutable_versions()->set_min_consumer(versions.min_consumer);
    def->mutable_versions()->mutable_bad_consumers()->Add(
        versions.bad_consumers.begin(), versions.bad_consumers.end());
  }
}

absl::Status Exporter::WriteNode(const Node& node, proto::NodeDef* def) const {
  if (extras_ != nullptr) {
    const auto rest = extras_->nodes.find(node.id());
    if (rest != extras_->nodes.end()) {
      TRELLIS_CHECK(def->ParseFromString(rest->second));
    }
  }
  def->set_name(node.name());
  def->set_op(node.op());
  for (const Output& input : node.inputs()) {
    if (!input) {
      return absl::FailedPreconditionError(absl::StrCat(
          node.DebugName(), ": input ", &input - node.inputs().data(),
          " is not connected; the graph cannot be written"));
    }
    def->add_input(input.index == 0 ? input.node->name() : input.name());
  }
  for (const Node* control : node.control_inputs()) {
    def->add_input(absl::StrCat("^", control->name()));
  }
  if (!options_.clear_devices) def->set_device(node.device());
  WriteAttrs(node, def);
  return absl::OkStatus();
}

void Exporter::WriteAttrs(const Node& node, proto::NodeDef* def) const {
  auto& attrs = *def->mutable_attr();
  for (const auto& [name, value] : node.attrs()) {
    if (options_.default_attrs == DefaultAttrs::kStrip &&
        node.schema() != nullptr) {
      const AttrSchema* declared = node.schema()->FindAttr(name);
      if (declared != nullptr && declared->default_value == value) continue;
    }
    WriteAttr(node, name, value, &attrs[name]);
  }
  if (options_.default_attrs == DefaultAttrs::kWrite &&
      node.schema() != nullptr) {
    for (const AttrSchema& declared : node.schema()->attrs) {
      if (!declared.default_value.is_set() || attrs.contains(declared.name)) {
        continue;
      }
      AttrValueToProto(declared.default_value, &attrs[declared.name]);
    }
  }
  if (options_.add_shapes) {
    std::vector<Shape> shapes;
    for (int i = 0; i < node.num_outputs(); ++i) {
      shapes.push_back(node.output_shape(i));
    }
    AttrValueToProto(std::move(shapes), &attrs["_output_shapes"]);
  }
}

void Exporter::WriteAttr(const Node& node, const std::string& name,
                         const AttrValue& value,
                         proto::AttrValue* message) const {
  if (extras_ != nullptr) {
    const auto kept = extras_->attrs.find(node.id());
    if (kept != extras_->attrs.end()) {
      for (const GraphDefExtras::Attr& attr : kept->second) {
        if (attr.name == name && attr.value == value) {
          TRELLIS_CHECK(message->ParseFromString(attr.message));
          return;
        }
      }
    }
  }
  AttrValueToProto(value, message);
}

}  // namespace

absl::Status ExportGraph(const Graph& graph, const ExportOptions& options,
                         proto::GraphDef* def) {
  std::lock_guard lock(graph.mutex());
  return Exporter(graph, options).Run(def);
}

absl::StatusOr<std::string> ExportGraphDef(const Graph& graph,
                                           const ExportOptions& options) {
  if (options.format == MessageFormat::kText) {
    google::protobuf::Arena arena;
    auto* def = google::protobuf::Arena::CreateMessage<proto::GraphDef>(&arena);
    TRELLIS_RETURN_IF_ERROR(ExportGraph(graph, options, def));
    return PrintText(*def);
  }
  std::lock_guard lock(graph.mutex());
  return Exporter(graph, options).Serialize();
}

absl::StatusOr<ImportResult> ImportGraphDef(absl::string_view bytes,
                                            Graph& graph,
                                            const ImportOptions& options) {
  std::string from_text;
  if (LooksLikeText(bytes)) {
    google::protobuf::Arena arena;
    auto* def = google::protobuf::Arena::CreateMessage<proto::GraphDef>(&arena);
    TRELLIS_RETURN_IF_ERROR(ParseMessage(bytes, "GraphDef", def));
    TRELLIS_ASSIGN_OR_RETURN(from_text, SerializeMessage(*def));
    bytes = from_text;
  }
  return ImportGraph(bytes, proto::OpList(), graph, options);
}

absl::StatusOr<std::unique_ptr<Graph>> ImportGraphDef(
    absl::string_view bytes, const OpRegistry& ops,
    const ImportOptions& options) {
  auto graph = std::make_unique<Graph>(ops);
  TRELLIS_RETURN_IF_ERROR(ImportGraphDef(bytes, *graph, options).status());
  return graph;
}

}  // namespace trellis
