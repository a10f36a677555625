// The binary form of a GraphDef, node by node: a tree of messages for all nodes
// takes ten times the memory of the bytes, to be read once. Internal to import.
#ifndef TRELLIS_GRAPH_GRAPH_DEF_WIRE_H_
#define TRELLIS_GRAPH_GRAPH_DEF_WIRE_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/proto/graph.pb.h"

namespace trellis {

// Borrows the bytes that it was made from.
struct GraphDefParts {
  std::vector<absl::string_view> nodes;  // each a NodeDef
  proto::GraphDef rest;                  // all but the nodes
};

// InvalidArgument for bytes that are damaged outside of the nodes, or more than
// 2 GiB.
absl::StatusOr<GraphDefParts> SplitGraphDef(absl::string_view bytes);

// The fields of a NodeDef that say where it stands among the others; "" where
// the message has none. Borrows the bytes.
struct NodeHead {
  absl::string_view name;
  absl::string_view op;
  int num_attrs = 0;
  // The message from the first field on that is neither of these nor an input.
  absl::string_view rest;
};

// Fills `head` and replaces `inputs`. InvalidArgument, and `head` as far as it
// was read, for bytes whose outermost fields are damaged.
absl::Status ReadNodeHead(absl::string_view node, NodeHead* head,
                          std::vector<absl::string_view>* inputs);

}  // namespace trellis

#endif  // TRELLIS_GRAPH_GRAPH_DEF_WIRE_H_
