// What a GraphDef says of the graph as a whole: versions and the library of
// functions. Internal to import.
#ifndef TRELLIS_GRAPH_GRAPH_DEF_FIELDS_H_
#define TRELLIS_GRAPH_GRAPH_DEF_FIELDS_H_

#include "absl/status/status.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/graph_def_extras.h"
#include "trellis/proto/graph.pb.h"

namespace trellis {

// InvalidArgument if the file does not want to be read by us.
absl::Status CheckVersions(const proto::VersionDef& versions);

// The versions of a graph that `theirs` is imported into; those of the file
// where the graph was empty, `fresh`.
GraphVersions MergeVersions(const GraphVersions& ours,
                            const proto::VersionDef& theirs, bool fresh);

// Adds what Graph has no field for; of `file`'s nodes nothing. InvalidArgument,
// naming the function, for a malformed library and for two functions of one
// name.
absl::Status MergeGraphFields(const proto::GraphDef& file, bool fresh,
                              GraphDefExtras* extras);

}  // namespace trellis

#endif  // TRELLIS_GRAPH_GRAPH_DEF_FIELDS_H_
