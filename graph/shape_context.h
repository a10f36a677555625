// What an op's shape function sees: the node, the shapes of its inputs, and as
// much of their values as is known. It sets the shapes of the outputs, or says
// what is wrong; kernels rely on what it established.
//
// The same function runs when a node is built (values of constants are known),
// when a signature is compiled (feed shapes and folded values are known), and
// before each run of a dynamic step (everything is known).
#ifndef TRELLIS_GRAPH_SHAPE_CONTEXT_H_
#define TRELLIS_GRAPH_SHAPE_CONTEXT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/tensor.h"

namespace trellis {

// An integer scalar or vector of which single elements may be known: a shape
// that a program computes from another.
struct PartialValue {
  Shape shape;  // [] or [n]
  std::vector<std::optional<int64_t>> elements;

  bool fully_known() const;
};

class ShapeContext {
 public:
  // Where input values come from. Implementations need not be thread-safe.
  class Values {
   public:
    virtual ~Values() = default;
    // The whole value of input i, or nullptr; lives as long as the context.
    virtual const Tensor* Exact(int i) = 0;
    // What is known of an integer scalar or vector.
    virtual std::optional<PartialValue> Partial(int i) = 0;
    // What the resource handle of input i refers to, or nullptr.
    virtual const HandleInfo* Handle(int i) = 0;
  };

  // The arguments outlive the context.
  ShapeContext(const Node& node, absl::Span<const Shape> inputs,
               Values& values);

  const Node& node() const { return node_; }
  int num_inputs() const { return static_cast<int>(inputs_.size()); }
  int num_outputs() const { return static_cast<int>(outputs_.size()); }
  const Shape& input(int i) const { return inputs_[i]; }
  DType input_dtype(int i) const { return node_.input(i).dtype(); }
  template <typename T>
  T attr(absl::string_view name) const {
    return node_.attr<T>(name);
  }

  const Tensor* input_value(int i) { return values_.Exact(i); }
  std::optional<PartialValue> partial_input(int i);
  // The shape that integer vector input i spells; -1 and unknown elements are
  // unknown dimensions, an unknown vector of known length has that rank. A
  // scalar is accepted where it is -1 (unknown rank). InvalidArgument for
  // anything else.
  absl::StatusOr<Shape> input_as_shape(int i);
  // The value of an integer scalar input, nullopt if unknown.
  // InvalidArgument if it is no scalar.
  absl::StatusOr<std::optional<int64_t>> integer_input(int i);
  const HandleInfo* input_handle(int i) { return values_.Handle(i); }

  // ---- checks; their errors say what was found and what was expected

  absl::StatusOr<Shape> ExpectRank(int input, int rank);
  absl::Status ExpectRankAtLeast(const Shape& shape, int rank);
  absl::Status ExpectRankAtMost(const Shape& shape, int rank);
  absl::StatusOr<Shape> Merge(const Shape& a, const Shape& b);
  absl::StatusOr<Shape> Broadcast(const Shape& a, const Shape& b);
  // Two dimensions that must agree; `what` names them ("last dimension").
  absl::StatusOr<int64_t> Expect(absl::string_view what, int64_t found,
                                 int64_t wanted);
  // `axis` in [-rank, rank) made non-negative.
  absl::StatusOr<int> ResolveAxis(int64_t axis, int rank);

  // ---- results

  absl::Status SetOutput(int i, Shape shape);
  absl::Status SetOutputHandle(int i, HandleInfo handle);
  absl::Span<const Shape> outputs() const { return outputs_; }
  absl::Span<const std::optional<HandleInfo>> output_handles() const {
    return handles_;
  }
  absl::InlinedVector<Shape, 2> TakeOutputs() && { return std::move(outputs_); }
  absl::InlinedVector<std::optional<HandleInfo>, 2> TakeOutputHandles() && {
    return std::move(handles_);
  }

 private:
  const Node& node_;
  absl::Span<const Shape> inputs_;
  Values& values_;
  absl::InlinedVector<Shape, 2> outputs_;
  absl::InlinedVector<std::optional<HandleInfo>, 2> handles_;
};

// Arithmetic on dimensions; unknown in, unknown out. InvalidArgument on
// overflow, or if a difference is negative.
absl::StatusOr<int64_t> AddDims(int64_t a, int64_t b);
absl::StatusOr<int64_t> SubtractDims(int64_t a, int64_t b);
absl::StatusOr<int64_t> MultiplyDims(int64_t a, int64_t b);

// Shape functions that many ops share.
absl::Status UnchangedShape(ShapeContext& c);  // output 0 = input 0
absl::Status BroadcastShape(ShapeContext& c);  // output 0 = broadcast of 0, 1
absl::Status ScalarShape(ShapeContext& c);     // every output a scalar
absl::Status UnknownShape(ShapeContext& c);    // nothing known of any output
absl::Status NoOutputs(ShapeContext& c);

}  // namespace trellis

#endif  // TRELLIS_GRAPH_SHAPE_CONTEXT_H_
