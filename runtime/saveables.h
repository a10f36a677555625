// What of a graph's state goes into a checkpoint, and under which names.
#ifndef TRELLIS_RUNTIME_SAVEABLES_H_
#define TRELLIS_RUNTIME_SAVEABLES_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/shape.h"
#include "trellis/io/tensor_slice.h"

namespace trellis {

// A variable, a part of a partitioned one, or the counter of a random node.
struct Saveable {
  struct Part {
    Shape full_shape;
    TensorSlice slice;
  };

  std::string name;      // in the checkpoint; of a part: the whole's (R9.3)
  std::string variable;  // name of the node, for messages
  std::string key;       // in the session's resource store
  DType dtype = kInvalid;
  Shape shape;               // as declared
  std::optional<Part> part;  // where it lies in what `name` names
  bool is_counter = false;
};

// Which variables; all functions that take one say NotFound for names that the
// graph does not have.
struct VariableSelection {
  // By name: of the variable, or of a partitioned whole. Not set: all that are
  // not local (R9.2), and the random counters.
  std::optional<std::vector<std::string>> only = std::nullopt;
  // Names in the checkpoint, by the variable's name, where they differ.
  std::map<std::string, std::string> renamed = {};
};

// Sorted by name, parts in the order of their making (R9.5). Of several nodes
// that share one value, the first that is selected counts.
// InvalidArgument if two variables would have one name (R9.4).
absl::StatusOr<std::vector<Saveable>> FindSaveables(
    Graph& graph, const VariableSelection& selection = {});

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_SAVEABLES_H_
