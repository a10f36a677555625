// What a kernel knows when it is prepared.
#ifndef TRELLIS_RUNTIME_KERNEL_PREPARE_CONTEXT_H_
#define TRELLIS_RUNTIME_KERNEL_PREPARE_CONTEXT_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/tensor.h"

namespace trellis {

class PrepareContext {
 public:
  // The spans outlive the context. `values` has an entry per input, null where
  // the value is not known before the run. `output_shapes` are fully defined,
  // or unknown where only Run finds them out.
  PrepareContext(const Node& node, absl::Span<const Shape> input_shapes,
                 absl::Span<const Shape> output_shapes,
                 absl::Span<const Tensor* const> values)
      : node_(node),
        input_shapes_(input_shapes),
        output_shapes_(output_shapes),
        values_(values) {}

  const Node& node() const { return node_; }
  int num_inputs() const { return static_cast<int>(input_shapes_.size()); }
  int num_outputs() const { return static_cast<int>(output_shapes_.size()); }
  // Of a variable's reference or handle: the shape of the variable.
  const Shape& input_shape(int i) const { return input_shapes_[i]; }
  const Shape& output_shape(int i) const { return output_shapes_[i]; }
  DType input_dtype(int i) const { return BaseType(node_.input(i).dtype()); }
  DType output_dtype(int i) const { return BaseType(node_.output_dtype(i)); }
  template <typename T>
  T attr(absl::string_view name) const {
    return node_.attr<T>(name);
  }

  // Never null for inputs that the registration names as value_inputs; for
  // others, null unless the value is a constant.
  const Tensor* input_value(int i) const { return values_[i]; }

  // Memory for the time of a Run, 64-byte aligned: RunContext::scratch().
  void RequestScratch(size_t bytes) { scratch_bytes_ = bytes; }
  size_t scratch_bytes() const { return scratch_bytes_; }

 private:
  const Node& node_;
  absl::Span<const Shape> input_shapes_;
  absl::Span<const Shape> output_shapes_;
  absl::Span<const Tensor* const> values_;
  size_t scratch_bytes_ = 0;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_KERNEL_PREPARE_CONTEXT_H_
