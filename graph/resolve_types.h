// Holds a node against its schema: are the right inputs there, what are the
// attributes that follow from them, what types do the outputs have.
#ifndef TRELLIS_GRAPH_RESOLVE_TYPES_H_
#define TRELLIS_GRAPH_RESOLVE_TYPES_H_

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "trellis/graph/graph.h"

namespace trellis {

using DTypeList = absl::InlinedVector<DType, 8>;

// The dtypes of the outputs of `node`, whose schema is known; adds to `attrs`
// (sorted; the node's own) the type and number attributes that were left out.
// InvalidArgument if number or type of an input, or an attribute, does not fit
// the schema.
absl::StatusOr<DTypeList> ResolveTypes(const Node& node, AttrMap* attrs);

}  // namespace trellis

#endif  // TRELLIS_GRAPH_RESOLVE_TYPES_H_
