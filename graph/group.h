// Nodes that order others: groups, gates, and tuples that wait for each other.
// Nodes, names and devices are TensorFlow's (R1.34 - R1.36).
#ifndef TRELLIS_GRAPH_GROUP_H_
#define TRELLIS_GRAPH_GROUP_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/source_location.h"

namespace trellis {

// A NoOp that runs after all of `nodes`; one more per device where they are on
// several, each placed there.
Node* Group(const Scope& scope, const NodeList& nodes,
            absl::string_view name = "group_deps",
            SourceLocation location = std::source_location::current());

// `value`, available only after `dependencies`: an Identity colocated with it.
Output WithDependencies(
    const Scope& scope, const NodeList& dependencies, Output value,
    absl::string_view name = "control_dependency",
    SourceLocation location = std::source_location::current());

// The values, each available only after all of them and `also`. An Output that
// is none stays so. InvalidArgument, in the graph's status, if there is nothing
// to wait for.
std::vector<Output> Tuple(
    const Scope& scope, const std::vector<Output>& values,
    const NodeList& also = {}, absl::string_view name = "tuple",
    SourceLocation location = std::source_location::current());

}  // namespace trellis

#endif  // TRELLIS_GRAPH_GROUP_H_
