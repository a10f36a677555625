#include "trellis/graph/scope.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "trellis/graph/device_name.h"
#include "trellis/graph/expr.h"
#include "trellis/graph/variable.h"

namespace trellis {

using absl::InvalidArgumentError;
using absl::StrCat;

// ---- the parts of a scope's state; each is a list from the innermost outwards

struct Scope::DeviceLevel {
  std::shared_ptr<const DeviceLevel> outer;
  DeviceName name;          // where there is no function
  DeviceFunction function;  // or
  // What the list comes to; only meaningful without functions in it.
  DeviceName merged;
  std::string merged_text;
  bool has_function = false;  // this level or an outer one
};

struct Scope::Controller {
  std::shared_ptr<const Controller> outer;
  std::vector<Node*> nodes;
  // Nodes made under this controller: who reads them waits already (R1.49).
  // Guarded by the graph's mutex.
  mutable absl::flat_hash_set<const Node*> seen;
};

struct Scope::Colocation {
  std::vector<Node*> nodes;  // the innermost last
};

struct Scope::AttrLevel {
  std::shared_ptr<const AttrLevel> outer;
  std::string op;  // "": every op
  std::string name;
  AttrValue value;
};

struct Scope::State {
  std::string name;  // no trailing slash
  std::shared_ptr<const VariableScopeState> variables;
  std::shared_ptr<const DeviceLevel> devices;
  std::shared_ptr<const Controller> controllers;
  std::shared_ptr<const Colocation> colocation;
  std::shared_ptr<const AttrLevel> attrs;
  std::string container;
};

namespace {

// R1.8.
bool IsValidScopeName(absl::string_view name, bool at_root) {
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool anywhere = absl::ascii_isalnum(c) || c == '.';
    const bool inside = c == '_' || c == '-' || c == '/';
    if (!anywhere && !(inside && (i > 0 || !at_root))) return false;
  }
  return true;
}

std::string Join(absl::string_view parent, absl::string_view name) {
  return parent.empty() ? std::string(name) : StrCat(parent, "/", name);
}

// The colocation groups of a node (R1.59), added to `groups`.
void AddGroups(const Node& node, std::vector<std::string>* groups) {
  bool found = false;
  const AttrValue* attr = node.FindAttr("_class");
  if (attr != nullptr && attr->list() != nullptr) {
    for (const std::string& group : attr->list()->s) {
      if (!absl::StartsWith(group, "loc:@")) continue;
      groups->push_back(group);
      found = true;
    }
  }
  if (!found) groups->push_back(StrCat("loc:@", node.name()));
}

bool HasAttr(const AttrMap& attrs, absl::string_view name) {
  return std::any_of(attrs.begin(), attrs.end(),
                     [&](const auto& attr) { return attr.first == name; });
}

void SetAttr(AttrMap* attrs, absl::string_view name, AttrValue value) {
  for (auto& [key, old] : *attrs) {
    if (key != name) continue;
    old = std::move(value);
    return;
  }
  attrs->emplace_back(std::string(name), std::move(value));
}

// R2.55: `inner` runs first; what it calls is `outer`, bound to the real one.
CustomGetter Wrap(CustomGetter inner, CustomGetter outer) {
  if (inner == nullptr || outer == nullptr) {
    return inner == nullptr ? std::move(outer) : std::move(inner);
  }
  return [inner = std::move(inner), outer = std::move(outer)](
             const VariableGetter& getter, const Scope& scope,
             const std::string& name, const Shape& shape,
             const GetVariableOptions& options) {
    const VariableGetter through_outer =
        [&](const Scope& s, const std::string& n, const Shape& sh,
            const GetVariableOptions& o) { return outer(getter, s, n, sh, o); };
    return inner(through_outer, scope, name, shape, options);
  };
}

// R2.14, R2.15: `from` is what is inherited, `given` the arguments.
VariableScopeOptions Inherit(const VariableScopeOptions& from,
                             const VariableScopeOptions& given) {
  VariableScopeOptions result = from;
  if (given.reuse != Reuse::kNone) result.reuse = given.reuse;
  if (given.initializer.is_set()) result.initializer = given.initializer;
  if (given.regularizer != nullptr) result.regularizer = given.regularizer;
  if (given.partitioner != nullptr) result.partitioner = given.partitioner;
  if (!given.caching_device.empty()) {
    result.caching_device = given.caching_device;
  }
  result.custom_getter = Wrap(given.custom_getter, from.custom_getter);
  if (given.dtype != kInvalid) result.dtype = given.dtype;
  if (given.use_resource.has_value()) result.use_resource = given.use_resource;
  result.constraint = given.constraint;
  return result;
}

// The counters of a graph's root scope.
struct RootCounters {
  std::shared_ptr<ScopeCounters> counters = std::make_shared<ScopeCounters>();
};

}  // namespace

NodeList::NodeList(std::initializer_list<NodeRef> nodes) {
  nodes_.reserve(nodes.size());
  for (const NodeRef& ref : nodes) nodes_.push_back(ref.node);
}

Scope Graph::root() {
  auto variables = std::make_shared<VariableScopeState>();
  variables->options.dtype = kFloat32;
  variables->counters = Attached<RootCounters>().counters;
  auto state = std::make_shared<Scope::State>();
  state->variables = std::move(variables);
  return Scope(this, std::move(state));
}

absl::Status Scope::status() const { return graph_->status(); }

const std::string& Scope::name() const { return state_->name; }

std::string Scope::path() const {
  return state_->name.empty() ? "" : StrCat(state_->name, "/");
}

Expr Scope::operator()(const Input& input, SourceLocation location) const {
  return Expr(*this, input, location);
}

const VariableScopeState& Scope::variable_scope() const {
  return *state_->variables;
}

template <typename F>
Scope Scope::With(F change) const {
  auto state = std::make_shared<State>(*state_);
  change(*state);
  return Scope(graph_, std::move(state));
}

Scope Scope::Error(absl::Status status) const {
  graph_->AddError(std::move(status));
  return *this;
}

// ---- names

Scope Scope::NameScope(Name name) const {
  const absl::string_view text = name;
  const bool at_root = state_->name.empty();
  if (!IsValidScopeName(text, at_root)) {
    return Error(InvalidArgumentError(
        StrCat("\"", text, "\" is no valid name of a scope; it must match ",
               at_root ? "[A-Za-z0-9.]" : "", "[A-Za-z0-9_.\\-/]*")));
  }
  return With([&](State& s) { s.name = text.empty() ? "" : NodeName(text); });
}

std::string Scope::NodeName(absl::string_view name) const {
  if (absl::EndsWith(name, "/")) {
    return std::string(name.substr(0, name.size() - 1));
  }
  return state_->name.empty()
             ? graph_->UniqueName(name)
             : graph_->UniqueName(StrCat(state_->name, "/", name));
}

// ---- variable scopes

// `opened` lacks its name, and its original name scope if it is opened by name.
Scope Scope::OpenVariableScope(std::string scope_name,
                               absl::string_view name_scope,
                               VariableScopeState opened, bool by_name,
                               const VariableScopeOptions& options) const {
  Scope names = *this;
  if (!options.auxiliary_name_scope) {
    if (by_name) opened.original_name_scope = path();
  } else if (!name_scope.empty()) {
    names = NameScope(name_scope);
    if (by_name) opened.original_name_scope = names.path();
  }
  opened.name = std::move(scope_name);
  return names.With([&](State& s) {
    s.variables = std::make_shared<const VariableScopeState>(std::move(opened));
  });
}

Scope Scope::VariableScope(Name name, VariableScopeOptions options) const {
  std::lock_guard lock(graph_->mutex());
  const VariableScopeState& current = *state_->variables;
  std::string full = Join(current.name, name);
  current.counters->Increment(full);
  VariableScopeState opened{
      .options = Inherit(current.options, options),
      .counters = ScopeCounters::OpenByName(current.counters, full)};
  return OpenVariableScope(std::move(full), name, std::move(opened),
                           /*by_name=*/true, options);
}

Scope Scope::VariableScope(const Scope& captured,
                           VariableScopeOptions options) const {
  std::lock_guard lock(graph_->mutex());
  const VariableScopeState& target = *captured.state_->variables;
  state_->variables->counters->Increment(target.name);
  VariableScopeState opened{
      .original_name_scope = target.original_name_scope,
      .options = Inherit(target.options, options),
      .counters = ScopeCounters::OpenByScope(state_->variables->counters)};
  const absl::string_view name = target.name;
  const size_t slash = name.rfind('/');
  const absl::string_view last =
      slash == absl::string_view::npos ? name : name.substr(slash + 1);
  return OpenVariableScope(target.name, last, std::move(opened),
                           /*by_name=*/false, options);
}

Scope Scope::DefaultVariableScope(Name default_name,
                                  VariableScopeOptions options) const {
  if (options.reuse != Reuse::kNone) {
    return Error(InvalidArgumentError(
        StrCat("variable scope with the default name \"", default_name.view(),
               "\": reuse needs an explicit name or scope")));
  }
  std::lock_guard lock(graph_->mutex());
  const VariableScopeState& current = *state_->variables;
  std::string full = Join(current.name, default_name);
  for (int k = 1; current.counters->Get(full) > 0; ++k) {
    full = StrCat(Join(current.name, default_name), "_", k);
  }
  current.counters->Increment(full);
  VariableScopeState opened{
      .options = Inherit(current.options, options),
      .counters = ScopeCounters::OpenByName(current.counters, full)};
  return OpenVariableScope(std::move(full), default_name, std::move(opened),
                           /*by_name=*/true, options);
}

Scope Scope::ReuseVariables() const {
  return With([](State& s) {
    auto variables = std::make_shared<VariableScopeState>(*s.variables);
    variables->options.reuse = Reuse::kTrue;
    s.variables = std::move(variables);
  });
}

// ---- devices

Scope Scope::WithDevice(Name device) const {
  absl::StatusOr<DeviceName> name = DeviceName::Parse(device);
  if (!name.ok()) return Error(std::move(name).status());
  if (name->empty()) return *this;
  auto level = std::make_shared<DeviceLevel>();
  level->outer = state_->devices;
  level->name = *std::move(name);
  level->merged = level->name;
  if (level->outer != nullptr) {
    level->merged.FillFrom(level->outer->merged);
    level->has_function = level->outer->has_function;
  }
  level->merged_text = level->merged.ToString();
  return With([&](State& s) { s.devices = std::move(level); });
}

Scope Scope::WithDevice(DeviceFunction function) const {
  auto level = std::make_shared<DeviceLevel>();
  level->outer = state_->devices;
  level->function = std::move(function);
  level->has_function = true;
  return With([&](State& s) { s.devices = std::move(level); });
}

Scope Scope::WithoutDevice() const {
  return With([](State& s) { s.devices = nullptr; });
}

std::string Scope::DeviceOf(const NodeSpec& spec) const {
  const DeviceLevel* level = state_->devices.get();
  if (level == nullptr) return spec.device;
  if (!level->has_function && spec.device.empty()) return level->merged_text;
  // A text that does not parse is kept; placing it will fail (R1.58).
  NodeSpec so_far = spec;
  for (; level != nullptr; level = level->outer.get()) {
    if (level->function != nullptr) {
      so_far.device = level->function(so_far);
    }
    absl::StatusOr<DeviceName> name = DeviceName::Parse(so_far.device);
    if (!name.ok()) continue;
    name->FillFrom(level->name);
    so_far.device = name->ToString();
  }
  return so_far.device;
}

// ---- order and place

Scope Scope::WithControlDependencies(const NodeList& nodes) const {
  auto controller = std::make_shared<Controller>();
  controller->outer = state_->controllers;
  absl::flat_hash_set<const Node*> in_force;
  for (const Controller* c = controller->outer.get(); c != nullptr;
       c = c->outer.get()) {
    in_force.insert(c->nodes.begin(), c->nodes.end());
  }
  for (Node* node : nodes.nodes()) {
    if (node == nullptr || &node->graph() != graph_) {
      return Error(InvalidArgumentError(
          StrCat("control dependency ",
                 node == nullptr ? "without a node" : node->name(),
                 " does not belong to this graph")));
    }
    if (in_force.insert(node).second) controller->nodes.push_back(node);
  }
  return With([&](State& s) { s.controllers = std::move(controller); });
}

Scope Scope::WithoutControlDependencies() const {
  if (state_->controllers == nullptr) return *this;
  return With([](State& s) { s.controllers = nullptr; });
}

Scope Scope::ColocateWith(NodeRef ref, bool ignore_existing) const {
  if (ref.node == nullptr || &ref.node->graph() != graph_) {
    return Error(InvalidArgumentError(
        StrCat("cannot colocate with ",
               ref.node == nullptr ? "no node" : ref.node->name(),
               ", which is not of this graph")));
  }
  auto colocation = std::make_shared<Colocation>();
  if (!ignore_existing && state_->colocation != nullptr) {
    colocation->nodes = state_->colocation->nodes;
  }
  colocation->nodes.push_back(ref.node);
  return With([&](State& s) {
    s.colocation = std::move(colocation);
    s.devices = nullptr;
  });
}

Scope Scope::WithoutColocation() const {
  return With([](State& s) {
    s.colocation = nullptr;
    s.devices = nullptr;
  });
}

// ---- attributes

Scope Scope::WithContainer(Name container) const {
  return With([&](State& s) { s.container = container.str(); });
}

Scope Scope::WithAttr(Name name, AttrValue value) const {
  return With([&](State& s) {
    s.attrs = std::make_shared<const AttrLevel>(
        AttrLevel{s.attrs, "", name.str(), std::move(value)});
  });
}

Scope Scope::WithGradientOverride(Name op, Name gradient_op) const {
  return With([&](State& s) {
    s.attrs = std::make_shared<const AttrLevel>(AttrLevel{
        s.attrs, op.str(), "_gradient_op_type", AttrValue(gradient_op.str())});
  });
}

// ---- adding nodes

void Scope::AddControlInputs(NodeSpec* spec) const {
  std::vector<const Controller*> outer_first;
  for (const Controller* c = state_->controllers.get(); c != nullptr;
       c = c->outer.get()) {
    outer_first.insert(outer_first.begin(), c);
  }
  const auto is_input = [&](const Node* node) {
    return std::any_of(spec->inputs.begin(), spec->inputs.end(),
                       [&](const Output& in) { return in.node == node; });
  };
  for (const Controller* c : outer_first) {
    const bool waits = std::any_of(
        spec->inputs.begin(), spec->inputs.end(),
        [&](const Output& in) { return c->seen.contains(in.node); });
    if (waits) continue;
    for (Node* node : c->nodes) {
      if (!is_input(node)) spec->control_inputs.push_back(node);
    }
  }
}

void Scope::AddAttrs(NodeSpec* spec) const {
  std::vector<absl::string_view> lifted;
  for (const AttrLevel* level = state_->attrs.get(); level != nullptr;
       level = level->outer.get()) {
    if (!level->op.empty() && level->op != spec->op) continue;
    if (std::find(lifted.begin(), lifted.end(), level->name) != lifted.end()) {
      continue;
    }
    if (!level->value.is_set()) {
      lifted.push_back(level->name);
    } else if (!HasAttr(spec->attrs, level->name)) {
      spec->attrs.emplace_back(level->name, level->value);
    }
  }
}

Node* Scope::AddNode(NodeSpec spec) const {
  std::lock_guard lock(graph_->mutex());
  const State& s = *state_;
  if (s.controllers != nullptr) AddControlInputs(&spec);
  if (s.attrs != nullptr) AddAttrs(&spec);
  if (s.devices != nullptr) spec.device = DeviceOf(spec);
  if (s.colocation != nullptr) {
    std::vector<std::string> groups;
    bool has_device = false;
    for (const Node* node : s.colocation->nodes) {
      AddGroups(*node, &groups);
      // The outermost that has a device decides (R1.62).
      if (!has_device && !node->device().empty()) {
        spec.device = node->device();
        has_device = true;
      }
    }
    std::sort(groups.begin(), groups.end());
    groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
    SetAttr(&spec.attrs, "_class", AttrValue(std::move(groups)));
  }
  if (!s.container.empty()) {
    const OpSchema* schema = graph_->ops().Find(spec.op);
    if (schema != nullptr && schema->stateful &&
        schema->FindAttr("container") != nullptr &&
        !HasAttr(spec.attrs, "container")) {
      spec.attrs.emplace_back("container", AttrValue(s.container));
    }
  }
  Node* node = graph_->AddNode(std::move(spec));
  if (node == graph_->error_node()) return node;
  for (const Controller* c = s.controllers.get(); c != nullptr;
       c = c->outer.get()) {
    c->seen.insert(node);
  }
  return node;
}

}  // namespace trellis
