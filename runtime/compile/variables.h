// Which variables a Program touches, and which node does what to which.
#ifndef TRELLIS_RUNTIME_COMPILE_VARIABLES_H_
#define TRELLIS_RUNTIME_COMPILE_VARIABLES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "trellis/graph/graph.h"

namespace trellis {

struct ProgramVariable {
  // Key in the session's store: "name", or "container/name" below a container.
  std::string key;
  DType dtype = kInvalid;
  Shape shape;  // as declared
  // The node of the Program's copy that names it; of a random counter, the
  // random node.
  const Node* node = nullptr;
  // The same node of the user's graph, for messages.
  const Node* original = nullptr;
};

struct VariableUse {
  int variable = 0;
  // The data input through which the node refers to it; -1: its random counter.
  int input = 0;
  Effect effect = Effect::kNone;
};

constexpr bool Reads(Effect e) {
  return e == Effect::kRead || e == Effect::kUpdate;
}
constexpr bool Writes(Effect e) {
  return e == Effect::kWrite || e == Effect::kUpdate;
}

struct VariableTable {
  std::vector<ProgramVariable> variables;
  // By node id; in order of inputs.
  std::vector<std::vector<VariableUse>> uses;
  // What a reference or resource output refers to.
  absl::flat_hash_map<Output, int> referents;

  // -1 if the output refers to no variable.
  int ReferentOf(Output output) const;
};

// The store's key for the variable that a node names.
// REQUIRES: node.schema()->variable.
std::string VariableKey(const Node& node);
// The store's key for the random counter of a node.
std::string RandomCounterKey(absl::string_view node_name);

// The state of the session that `node` stands for: a variable, or the counter
// of a random node. nullopt for all other nodes, and for unknown ops.
std::optional<ProgramVariable> StateOf(const Node& node);

// Unimplemented for a reference or resource that does not come straight from a
// node that makes one (a fed handle, one that control flow chooses): the plan
// must know every variable it touches.
absl::StatusOr<VariableTable> FindVariables(const Graph& graph);

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_COMPILE_VARIABLES_H_
