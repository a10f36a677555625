#include "trellis/graph/graph.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/check.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/infer_shapes.h"
#include "trellis/graph/resolve_types.h"

namespace trellis {
namespace {

// R1.7: [A-Za-z0-9.][A-Za-z0-9_.\-/]*; imported names may start with '_' too.
bool IsValidNodeName(absl::string_view name) {
  if (name.empty()) return false;
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool anywhere = absl::ascii_isalnum(c) || c == '.' || c == '_';
    if (!anywhere && (i == 0 || (c != '-' && c != '/' && c != '\\'))) {
      return false;
    }
  }
  return true;
}

// Removes one use from a node's list. From the back: nodes are taken away in
// the reverse of the order in which they came, and then it costs nothing.
template <typename Consumers>
void EraseUse(Consumers* uses, const Node* consumer, int input) {
  const auto use = std::find_if(
      uses->rbegin(), uses->rend(), [&](const Node::Consumer& use) {
        return use.node == consumer && use.input == input;
      });
  uses->erase(std::next(use).base());
}

}  // namespace

Graph::Graph(const OpRegistry& ops, GraphOptions options)
    : ops_(ops), options_(options) {
  error_node_.graph_ = this;
  error_node_.id_ = -1;
  error_node_.name_ = "error";
  error_node_.op_ = Intern("Error");
  error_node_.device_ = Intern("");
  error_node_.outputs_.resize(1);
}

Graph::~Graph() = default;

const std::string* Graph::Intern(absl::string_view text) {
  const auto it = interned_.find(text);
  if (it != interned_.end()) return it->second.get();
  auto owned = std::make_unique<const std::string>(text);
  const std::string* pointer = owned.get();
  interned_.emplace(*pointer, std::move(owned));
  return pointer;
}

std::shared_ptr<void>& Graph::Slot(std::type_index type) {
  for (auto& [key, object] : attached_) {
    if (key == type) return object;
  }
  return attached_.emplace_back(type, nullptr).second;
}

std::string Graph::UniqueName(absl::string_view name, bool mark) {
  std::lock_guard lock(mutex_);
  std::string unique = names_.Unique(name, mark);
  // Soon a node of this name is added, which looks whether there is one.
  by_name_.prefetch(absl::string_view(unique));
  return unique;
}

void Graph::Reserve(int nodes) {
  std::lock_guard lock(mutex_);
  by_name_.reserve(by_name_.size() + nodes);
  names_.Reserve(by_name_.size() + nodes);
}

void Graph::Finalize() {
  std::lock_guard lock(mutex_);
  finalized_ = true;
}

void Graph::FreezeNodes() {
  std::lock_guard lock(mutex_);
  frozen_below_ = id_limit();
}

absl::Status Graph::status() const {
  std::lock_guard lock(mutex_);
  return status_;
}

Node* Graph::AddError(absl::Status error) {
  std::lock_guard lock(mutex_);
  TRELLIS_CHECK(!error.ok());
  if (status_.ok()) status_ = std::move(error);
  return &error_node_;
}

Node* Graph::AddNode(NodeSpec spec) {
  std::lock_guard lock(mutex_);
  if (!status_.ok()) return &error_node_;
  absl::StatusOr<Node*> node = TryAddNode(std::move(spec));
  return node.ok() ? *node : AddError(std::move(node).status());
}

absl::StatusOr<Node*> Graph::TryAddNode(NodeSpec spec) {
  std::lock_guard lock(mutex_);
  const auto fail = [&](absl::StatusCode code, absl::string_view what) {
    const std::string where = spec.location.ToString();
    return absl::Status(
        code, absl::StrCat(spec.name, where.empty() ? "" : " (", where,
                           where.empty() ? "" : ")", ": ", what));
  };
  if (finalized_) {
    return fail(absl::StatusCode::kFailedPrecondition,
                "the graph is finalized; nothing can be added to it");
  }
  if (!IsValidNodeName(spec.name)) {
    return fail(absl::StatusCode::kInvalidArgument,
                "this is no valid node name; it must match "
                "[A-Za-z0-9.][A-Za-z0-9_.\\-/]*");
  }
  const size_t name_hash = by_name_.hash_function()(spec.name);
  if (by_name_.find(absl::string_view(spec.name), name_hash) !=
      by_name_.end()) {
    return fail(absl::StatusCode::kInvalidArgument,
                "the graph already has a node of this name");
  }
  for (const Output& input : spec.inputs) {
    if (!input) continue;
    if (&input.node->graph() != this) {
      return fail(
          absl::StatusCode::kInvalidArgument,
          absl::StrCat("input ", input.name(), " belongs to another graph"));
    }
    if (input.node == &error_node_) return status_;
    if (input.index < 0 || input.index >= input.node->num_outputs()) {
      return fail(absl::StatusCode::kInvalidArgument,
                  absl::StrCat("input ", input.name(), " does not exist; ",
                               input.node->name(), " has ",
                               input.node->num_outputs(), " outputs"));
    }
  }
  for (Node* control : spec.control_inputs) {
    if (control == &error_node_) return status_;
    if (&control->graph() != this) {
      return fail(absl::StatusCode::kInvalidArgument,
                  absl::StrCat("control input ", control->name(),
                               " belongs to another graph"));
    }
  }

  std::unique_ptr<Node> owned(new Node());
  Node* node = owned.get();
  node->graph_ = this;
  node->id_ = id_limit();
  node->schema_ = ops_.Find(spec.op);
  node->op_ = node->schema_ != nullptr ? &node->schema_->name : Intern(spec.op);
  node->device_ =
      spec.device.empty() ? error_node_.device_ : Intern(spec.device);
  node->location_ = spec.location;
  node->name_ = std::move(spec.name);
  node->inputs_.assign(spec.inputs.begin(), spec.inputs.end());
  node->control_inputs_ = std::move(spec.control_inputs);
  node->attrs_ = std::move(spec.attrs);
  std::sort(node->attrs_.begin(), node->attrs_.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });

  if (node->schema_ != nullptr) {
    absl::StatusOr<DTypeList> types = ResolveTypes(*node, &node->attrs_);
    if (!types.ok()) {
      return absl::Status(
          types.status().code(),
          absl::StrCat(node->DebugName(), ": ", types.status().message(),
                       "; node is ", node->Signature()));
    }
    node->outputs_.resize(types->size());
    for (size_t i = 0; i < types->size(); ++i) {
      node->outputs_[i].dtype = (*types)[i];
    }
    TRELLIS_RETURN_IF_ERROR(InferShapes(node));
  }

  by_name_.insert({name_hash, node});
  nodes_.push_back(std::move(owned));
  ++num_nodes_;
  for (int i = 0; i < node->num_inputs(); ++i) Link(node, i);
  for (Node* control : node->control_inputs_) {
    control->consumers_.push_back({node, Node::kControl, Node::kControl});
  }
  return node;
}

absl::Status Graph::InferShapes(Node* node) {
  std::lock_guard lock(mutex_);
  absl::StatusOr<InferredShapes> inferred = InferNodeShapes(*node);
  if (!inferred.ok()) {
    return absl::Status(
        inferred.status().code(),
        absl::StrCat(node->DebugName(), ": ", inferred.status().message(),
                     "; node is ", node->Signature()));
  }
  for (int i = 0; i < node->num_outputs(); ++i) {
    node->outputs_[i].shape = std::move(inferred->shapes[i]);
    if (inferred->handles[i].has_value()) {
      handles_[{node, i}] = *std::move(inferred->handles[i]);
    }
  }
  return absl::OkStatus();
}

void Graph::Link(Node* consumer, int input) {
  const Output& from = consumer->inputs_[input];
  if (from) from.node->consumers_.push_back({consumer, input, from.index});
}

void Graph::Unlink(Node* consumer, int input) {
  const Output& from = consumer->inputs_[input];
  if (!from) return;
  EraseUse(&from.node->consumers_, consumer, input);
}

std::vector<Node*> Graph::nodes() const {
  std::vector<Node*> nodes;
  nodes.reserve(num_nodes_);
  for (const auto& node : nodes_) {
    if (node != nullptr) nodes.push_back(node.get());
  }
  return nodes;
}

Node* Graph::FindNode(absl::string_view name) const {
  std::lock_guard lock(mutex_);
  const auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : it->node;
}

absl::StatusOr<Output> Graph::FindOutput(absl::string_view name) const {
  const size_t colon = name.rfind(':');
  int index = 0;
  if (colon != absl::string_view::npos &&
      (!absl::SimpleAtoi(name.substr(colon + 1), &index) || index < 0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", name, "\" is no tensor name; write \"node:0\""));
  }
  Node* node = FindNode(name.substr(0, colon));
  if (node == nullptr) {
    return absl::NotFoundError(absl::StrCat("the graph has no node \"",
                                            name.substr(0, colon),
                                            "\", asked for as ", name));
  }
  if (index >= node->num_outputs()) {
    return absl::NotFoundError(
        absl::StrCat("there is no tensor ", name, ": ", node->DebugName(), " (",
                     node->op(), ") has ", node->num_outputs(), " outputs"));
  }
  return node->output(index);
}

const HandleInfo* Graph::FindHandle(Output output) const {
  const auto it = handles_.find(output);
  return it == handles_.end() ? nullptr : &it->second;
}

absl::Status Graph::CheckChangeable(const Node* node) const {
  if (finalized_) {
    return absl::FailedPreconditionError(
        absl::StrCat(node->DebugName(), ": the graph is finalized"));
  }
  if (node->id_ < frozen_below_) {
    return absl::FailedPreconditionError(absl::StrCat(
        node->DebugName(),
        ": a session has compiled this node; add a new one instead"));
  }
  return absl::OkStatus();
}

absl::Status Graph::SetInput(Node* node, int input, Output value) {
  std::lock_guard lock(mutex_);
  TRELLIS_RETURN_IF_ERROR(CheckChangeable(node));
  Unlink(node, input);
  node->inputs_[input] = value;
  Link(node, input);
  return absl::OkStatus();
}

absl::Status Graph::ReplaceUses(Output from, Output to) {
  std::lock_guard lock(mutex_);
  // SetInput changes the list that is walked.
  const auto uses = from.node->consumers_;
  for (const Node::Consumer& use : uses) {
    if (use.output != from.index) continue;
    TRELLIS_RETURN_IF_ERROR(SetInput(use.node, use.input, to));
  }
  return absl::OkStatus();
}

absl::Status Graph::ReplaceControlUses(Node* from, Node* to) {
  std::lock_guard lock(mutex_);
  const auto uses = from->consumers_;
  for (const Node::Consumer& use : uses) {
    if (use.output != Node::kControl) continue;
    TRELLIS_RETURN_IF_ERROR(RemoveControlInput(use.node, from));
    if (use.node != to) {
      TRELLIS_RETURN_IF_ERROR(AddControlInput(use.node, to));
    }
  }
  return absl::OkStatus();
}

absl::Status Graph::AddControlInput(Node* node, Node* control) {
  std::lock_guard lock(mutex_);
  TRELLIS_RETURN_IF_ERROR(CheckChangeable(node));
  std::vector<Node*>& controls = node->control_inputs_;
  if (std::find(controls.begin(), controls.end(), control) != controls.end()) {
    return absl::OkStatus();
  }
  controls.push_back(control);
  control->consumers_.push_back({node, Node::kControl, Node::kControl});
  return absl::OkStatus();
}

absl::Status Graph::RemoveControlInput(Node* node, Node* control) {
  std::lock_guard lock(mutex_);
  TRELLIS_RETURN_IF_ERROR(CheckChangeable(node));
  std::vector<Node*>& controls = node->control_inputs_;
  const auto it = std::find(controls.begin(), controls.end(), control);
  if (it == controls.end()) return absl::OkStatus();
  controls.erase(it);
  EraseUse(&control->consumers_, node, Node::kControl);
  return absl::OkStatus();
}

absl::Status Graph::SetAttr(Node* node, absl::string_view name,
                            AttrValue value) {
  std::lock_guard lock(mutex_);
  TRELLIS_RETURN_IF_ERROR(CheckChangeable(node));
  const auto it = std::lower_bound(
      node->attrs_.begin(), node->attrs_.end(), name,
      [](const auto& attr, absl::string_view n) { return attr.first < n; });
  if (it != node->attrs_.end() && it->first == name) {
    it->second = std::move(value);
  } else {
    node->attrs_.emplace(it, std::string(name), std::move(value));
  }
  return absl::OkStatus();
}

absl::Status Graph::SetDevice(Node* node, absl::string_view device) {
  std::lock_guard lock(mutex_);
  TRELLIS_RETURN_IF_ERROR(CheckChangeable(node));
  node->device_ = Intern(device);
  return absl::OkStatus();
}

absl::Status Graph::SetOutputShape(Output output, Shape shape) {
  std::lock_guard lock(mutex_);
  TRELLIS_RETURN_IF_ERROR(CheckChangeable(output.node));
  output.node->outputs_[output.index].shape = std::move(shape);
  return absl::OkStatus();
}

absl::Status Graph::SetOutputDType(Output output, DType dtype) {
  std::lock_guard lock(mutex_);
  TRELLIS_RETURN_IF_ERROR(CheckChangeable(output.node));
  auto& outputs = output.node->outputs_;
  if (output.index >= static_cast<int>(outputs.size())) {
    outputs.resize(output.index + 1);
  }
  outputs[output.index].dtype = dtype;
  return absl::OkStatus();
}

absl::Status Graph::RemoveNode(Node* node) {
  std::lock_guard lock(mutex_);
  TRELLIS_RETURN_IF_ERROR(CheckChangeable(node));
  TRELLIS_CHECK(node->consumers_.empty()) << node->name() << " is in use";
  for (int i = 0; i < node->num_inputs(); ++i) Unlink(node, i);
  const std::vector<Node*> controls = node->control_inputs_;
  for (Node* control : controls) {
    TRELLIS_RETURN_IF_ERROR(RemoveControlInput(node, control));
  }
  for (int i = 0; i < node->num_outputs(); ++i) handles_.erase({node, i});
  by_name_.erase(by_name_.find(absl::string_view(node->name_)));
  nodes_[node->id_].reset();
  --num_nodes_;
  return absl::OkStatus();
}

}  // namespace trellis
