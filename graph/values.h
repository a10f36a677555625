// Tensors of a given shape: ones, random numbers. Functions on a scope
// that make the nodes TensorFlow makes for them (R1.30, R1.32, R2.47).
//
// Errors become the graph's status; the result is then its error node.
#ifndef TRELLIS_GRAPH_VALUES_H_
#define TRELLIS_GRAPH_VALUES_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/input.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/source_location.h"

namespace trellis {

// Ones (true): one Const below 1000 elements, else a Fill. InvalidArgument for
// strings, and if the shape is not fully defined. (Zeros are in zeros.h.)
Output Ones(const Scope& scope, const Shape& shape, DType dtype = kFloat32,
            absl::string_view name = "ones",
            SourceLocation location = std::source_location::current());

struct RandomOptions {
  DType dtype = kFloat32;
  std::optional<int64_t> seed = std::nullopt;  // see seeds.h
  std::string name = "";  // "" for "random_uniform" and so on
};

// Uniform in [low, high). Integer types need the RandomUniformInt of such a
// type.
Output UniformValues(const Scope& scope, const Input& shape, const Input& low,
                     const Input& high, const RandomOptions& options = {},
                     SourceLocation location = std::source_location::current());
Output NormalValues(const Scope& scope, const Input& shape, const Input& mean,
                    const Input& stddev, const RandomOptions& options = {},
                    SourceLocation location = std::source_location::current());
// Normal; what is more than two standard deviations away is drawn again
// (R2.30).
Output TruncatedNormalValues(
    const Scope& scope, const Input& shape, const Input& mean,
    const Input& stddev, const RandomOptions& options = {},
    SourceLocation location = std::source_location::current());

}  // namespace trellis

#endif  // TRELLIS_GRAPH_VALUES_H_
