#include "trellis/runtime/compile/variables.h"

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"

namespace trellis {
namespace {

bool RefersToState(DType dtype) { return IsRef(dtype) || dtype == kResource; }

// The argument that each input belongs to.
std::vector<const ArgSchema*> InputArgs(const Node& node) {
  std::vector<const ArgSchema*> args;
  const std::vector<ArgSchema>& schema = node.schema()->inputs;
  for (size_t a = 0; a < schema.size(); ++a) {
    const auto [first, last] = node.InputRange(static_cast<int>(a));
    args.insert(args.end(), last - first, &schema[a]);
  }
  return args;
}

// A node that takes a reference where a value is expected reads the variable.
Effect EffectOf(const ArgSchema& arg, DType input_dtype) {
  if (arg.effect != Effect::kNone) return arg.effect;
  return IsRef(input_dtype) && !arg.is_ref ? Effect::kRead : Effect::kNone;
}

std::string StringAttr(const Node& node, absl::string_view name) {
  const AttrValue* value = node.FindAttr(name);
  return value == nullptr || value->s() == nullptr ? "" : *value->s();
}

class Finder {
 public:
  explicit Finder(const Graph& graph) : graph_(graph) {}

  absl::StatusOr<VariableTable> Run() {
    table_.uses.resize(graph_.id_limit());
    for (const Node* node : graph_.nodes()) {
      TRELLIS_RETURN_IF_ERROR(AddUses(*node));
      AddState(*node);
      TRELLIS_RETURN_IF_ERROR(PassOnReferences(*node));
    }
    return std::move(table_);
  }

 private:
  int Intern(ProgramVariable variable) {
    const auto [it, added] = index_.try_emplace(
        variable.key, static_cast<int>(table_.variables.size()));
    if (added) table_.variables.push_back(std::move(variable));
    return it->second;
  }

  void AddState(const Node& node) {
    std::optional<ProgramVariable> state = StateOf(node);
    if (!state.has_value()) return;
    const int variable = Intern(*std::move(state));
    if (node.schema()->variable) {
      table_.referents[Self(node, 0)] = variable;
    } else {
      table_.uses[node.id()].push_back(
          {.variable = variable, .input = -1, .effect = Effect::kUpdate});
    }
  }

  absl::Status AddUses(const Node& node) {
    const std::vector<const ArgSchema*> args = InputArgs(node);
    for (int i = 0; i < node.num_inputs(); ++i) {
      const Output input = node.input(i);
      if (!RefersToState(input.dtype())) continue;
      const int variable = table_.ReferentOf(input);
      if (variable < 0) {
        return absl::UnimplementedError(absl::StrCat(
            node.DebugName(), ": input ", i, " (", input.name(),
            ") is a handle whose variable is known only when it runs; node is ",
            node.Signature()));
      }
      table_.uses[node.id()].push_back(
          {.variable = variable,
           .input = i,
           .effect = EffectOf(*args[i], input.dtype())});
    }
    return absl::OkStatus();
  }

  absl::Status PassOnReferences(const Node& node) {
    const OpSchema& schema = *node.schema();
    if (schema.variable) return absl::OkStatus();
    for (size_t a = 0; a < schema.outputs.size(); ++a) {
      const auto [first, last] = node.OutputRange(static_cast<int>(a));
      for (int i = first; i < last; ++i) {
        if (!RefersToState(node.output_dtype(i))) continue;
        const int from = schema.outputs[a].forwards_ref >= 0
                             ? schema.outputs[a].forwards_ref
                             : schema.view_of;
        const int variable =
            from < 0
                ? -1
                : table_.ReferentOf(node.input(node.InputRange(from).first));
        if (variable >= 0) table_.referents[Self(node, i)] = variable;
      }
    }
    return absl::OkStatus();
  }

  static Output Self(const Node& node, int i) {
    return {const_cast<Node*>(&node), i};
  }

  const Graph& graph_;
  VariableTable table_;
  absl::flat_hash_map<std::string, int> index_;
};

}  // namespace

int VariableTable::ReferentOf(Output output) const {
  const auto it = referents.find(output);
  return it == referents.end() ? -1 : it->second;
}

std::string VariableKey(const Node& node) {
  std::string key = StringAttr(node, "shared_name");
  if (key.empty()) key = node.name();
  const std::string container = StringAttr(node, "container");
  return container.empty() ? key : absl::StrCat(container, "/", key);
}

std::string RandomCounterKey(absl::string_view node_name) {
  return absl::StrCat("_trellis/rng/", node_name);
}

std::optional<ProgramVariable> StateOf(const Node& node) {
  if (node.schema() == nullptr) return std::nullopt;
  if (node.schema()->random) {
    return ProgramVariable{.key = RandomCounterKey(node.name()),
                           .dtype = kUint64,
                           .shape = Shape{3},
                           .node = &node};
  }
  if (!node.schema()->variable) return std::nullopt;
  return ProgramVariable{.key = VariableKey(node),
                         .dtype = node.attr<DType>("dtype"),
                         .shape = node.attr<Shape>("shape"),
                         .node = &node};
}

absl::StatusOr<VariableTable> FindVariables(const Graph& graph) {
  return Finder(graph).Run();
}

}  // namespace trellis
