// The placeholders that a run needs and that nothing was given for.
#ifndef TRELLIS_TOOLS_TRELLIS_PLACEHOLDERS_H_
#define TRELLIS_TOOLS_TRELLIS_PLACEHOLDERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/tensor.h"
#include "trellis/tools/trellis/feeds.h"

namespace trellis {

// Nodes that must be fed and that `nodes` depend on, with the walk cut at `fed`
// tensors; in the order of the graph.
std::vector<Output> NeededPlaceholders(const std::vector<const Node*>& nodes,
                                       absl::Span<const Output> fed);

struct ShapedTensor {
  Output tensor;
  Shape shape;
};

// The shapes that texts "NAME=1,224,?,3" give to tensors ("NAME=": a scalar).
// InvalidArgument for malformed text and for a shape that contradicts the
// graph's; NotFound as ResolveTensor.
absl::StatusOr<std::vector<ShapedTensor>> ParseShapes(
    absl::Span<const std::string> texts, const Graph& graph,
    const TensorNames& names);

// The tensors with the shapes that `given` says, else the graph's. An open
// first dimension becomes `batch`, unless that is unknown (-1).
std::vector<ShapedTensor> ShapesFor(const std::vector<Output>& tensors,
                                    const std::vector<ShapedTensor>& given,
                                    int64_t batch);

// Data to measure with: numbers in [0, 1), integers 0 and 1, empty strings.
// Number `stream` of them; equal arguments give equal data. InvalidArgument if
// the shape is not fully defined or the dtype is none of these;
// ResourceExhausted.
absl::StatusOr<Tensor> RandomTensor(const ShapedTensor& wanted,
                                    uint64_t stream);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_PLACEHOLDERS_H_
