// What a GraphDef holds and Graph has no field for, so that export can give it
// back. Internal to the converters of graph/.
#ifndef TRELLIS_GRAPH_GRAPH_DEF_EXTRAS_H_
#define TRELLIS_GRAPH_GRAPH_DEF_EXTRAS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "trellis/graph/attr_value.h"

namespace trellis {

// Attached to the graph; guarded by the graph's mutex. Messages are kept in
// their binary form.
struct GraphDefExtras {
  // An attribute whose message says more than `value`, which is not set where
  // we cannot hold the value at all. Valid while the node's attribute still is
  // `value`.
  struct Attr {
    std::string name;
    AttrValue value;
    std::string message;
  };

  // A GraphDef without nodes, library and versions.
  std::string rest;
  // A FunctionDefLibrary; an empty one may have been written.
  std::optional<std::string> library;
  // By node id: a NodeDef with only what Node has no field for.
  absl::flat_hash_map<int, std::string> nodes;
  // By node id.
  absl::flat_hash_map<int, std::vector<Attr>> attrs;
};

}  // namespace trellis

#endif  // TRELLIS_GRAPH_GRAPH_DEF_EXTRAS_H_
