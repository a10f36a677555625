// TensorProto and TensorShapeProto to and from Tensor and Shape. Internal to
// the converters of graph/ and io/.
#ifndef TRELLIS_GRAPH_TENSOR_PROTO_H_
#define TRELLIS_GRAPH_TENSOR_PROTO_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/tensor.h"
#include "trellis/proto/tensor.pb.h"
#include "trellis/proto/tensor_shape.pb.h"

namespace trellis {

// What one import may use, and what it has met.
struct DecodeState {
  // How many more bytes tensors may take than the file has for them: a few
  // bytes can stand for a constant of any size.
  int64_t expandable_bytes = int64_t{1} << 30;
  // False once something was met that our types have no place for and the
  // reverse conversion would lose: unknown fields, names of dimensions.
  bool exact = true;
};

// Unknown rank and dimensions are legal. InvalidArgument for a size below -1,
// for unknown rank with dimensions, and where Shape::Make refuses.
absl::StatusOr<Shape> ShapeFromProto(const proto::TensorShapeProto& message,
                                     DecodeState& state);
void ShapeToProto(const Shape& shape, proto::TensorShapeProto* message);

// Reads every form that TensorFlow has written: raw content; the list of the
// dtype with one value per element; a shorter list, whose last value then
// repeats; no values, which is zeros, false or "". Surplus values of a list are
// dropped, as TensorFlow drops them; no shape is a scalar's.
//
// InvalidArgument: no dtype, a reference, a number that is no dtype; a shape
// that is not fully defined; content that is not exactly the elements, or a
// bool in it other than 0 and 1; more bytes than `state` allows. Nothing is
// allocated before its size was checked.
// Unimplemented: dtypes whose values we cannot hold (resource, variant, and
// those that TensorFlow 2 added).
absl::StatusOr<Tensor> TensorFromProto(const proto::TensorProto& message,
                                       DecodeState& state);

// Writes the form that TensorFlow 1.15 writes: content for more than one
// element of the dtypes it does so for, else the list of the dtype; from 64
// elements on, equal ones are written once.
// REQUIRES: a valid tensor of no resources or variants.
void TensorToProto(const Tensor& tensor, proto::TensorProto* message);

}  // namespace trellis

#endif  // TRELLIS_GRAPH_TENSOR_PROTO_H_
