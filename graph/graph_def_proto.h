// GraphDef messages to and from graphs: what graph_def.h, meta_graph.h and
// their like are made of. Internal to the converters of graph/ and io/.
#ifndef TRELLIS_GRAPH_GRAPH_DEF_PROTO_H_
#define TRELLIS_GRAPH_GRAPH_DEF_PROTO_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/graph_def.h"
#include "trellis/proto/graph.pb.h"
#include "trellis/proto/op_def.pb.h"

namespace trellis {

// See ImportGraphDef; of the binary form. `producer_ops` describes ops as the
// writer of the file knew them: it gives unknown ops their output types, and
// lets an undeclared attribute pass where it has the default that the writer's
// op declares.
absl::StatusOr<ImportResult> ImportGraph(absl::string_view bytes,
                                         const proto::OpList& producer_ops,
                                         Graph& graph,
                                         const ImportOptions& options);

// See ExportGraphDef.
absl::Status ExportGraph(const Graph& graph, const ExportOptions& options,
                         proto::GraphDef* def);

}  // namespace trellis

#endif  // TRELLIS_GRAPH_GRAPH_DEF_PROTO_H_
