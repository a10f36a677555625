// Ops as the writer of a file knew them. Internal to import.
#ifndef TRELLIS_GRAPH_GRAPH_DEF_PRODUCER_OPS_H_
#define TRELLIS_GRAPH_GRAPH_DEF_PRODUCER_OPS_H_

#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/graph.h"
#include "trellis/proto/function.pb.h"
#include "trellis/proto/op_def.pb.h"

namespace trellis {

// Borrows the messages.
class ProducerOps {
 public:
  // The functions of a library are ops, too.
  ProducerOps(const proto::OpList& ops,
              const proto::FunctionDefLibrary& library);

  // Whether the writer's op has this attribute with this default: then the
  // attribute says nothing to a reader that does not know it.
  bool IsDefault(absl::string_view op, absl::string_view attr,
                 const AttrValue& value) const;

  // Types of the outputs of a node without a schema, as far as the writer and
  // the attributes say and there are no more than `max_outputs`.
  std::vector<DType> OutputTypes(const Node& node, size_t max_outputs) const;

 private:
  absl::flat_hash_map<absl::string_view, const proto::OpDef*> ops_;
};

}  // namespace trellis

#endif  // TRELLIS_GRAPH_GRAPH_DEF_PRODUCER_OPS_H_
