// The message AttrValue to and from ours. Internal to the converters of graph/
// and io/.
#ifndef TRELLIS_GRAPH_ATTR_VALUE_PROTO_H_
#define TRELLIS_GRAPH_ATTR_VALUE_PROTO_H_

#include "absl/status/statusor.h"
#include "trellis/graph/attr_value.h"
#include "trellis/graph/tensor_proto.h"
#include "trellis/proto/attr_value.pb.h"

namespace trellis {

// A message with nothing set gives a value that is not set. A dtype may be any
// number from 0 to 255; whether it is one an op takes is the op's to say.
//
// InvalidArgument: a list with values of more than one kind; what
// ShapeFromProto and TensorFromProto refuse. Unimplemented: a tensor whose
// values we cannot hold.
// The depth of nesting was limited where the message was parsed.
absl::StatusOr<AttrValue> AttrValueFromProto(const proto::AttrValue& message,
                                             DecodeState& state);

void AttrValueToProto(const AttrValue& value, proto::AttrValue* message);

}  // namespace trellis

#endif  // TRELLIS_GRAPH_ATTR_VALUE_PROTO_H_
