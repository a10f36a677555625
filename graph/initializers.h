// What variables start as (R2.29 - R2.36): values for GetVariable's and a
// variable scope's `initializer`. Their nodes are TensorFlow's (R2.47).
//
// Impossible arguments (a scale <= 0, a shape that is not fully defined) are
// errors of the variable that is made, in the graph's status. `seed` is the
// op's; see seeds.h.
#ifndef TRELLIS_GRAPH_INITIALIZERS_H_
#define TRELLIS_GRAPH_INITIALIZERS_H_

#include <cstdint>
#include <optional>

#include "trellis/graph/input.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/variable_scope.h"

namespace trellis {

using Seed = std::optional<int64_t>;

Initializer ZerosInitializer();
Initializer OnesInitializer();
// A number everywhere; or a list of numbers in row-major order, the last of
// which fills the rest (R2.36). With `verify_shape` it must have the variable's
// shape.
Initializer ConstantInitializer(Input value, bool verify_shape = false);

// In [low, high); an integer variable needs bounds that are integers.
Initializer RandomUniformInitializer(Input low = 0, Input high = 1,
                                     Seed seed = {});
Initializer RandomNormalInitializer(Input mean = 0, Input stddev = 1,
                                    Seed seed = {});
Initializer TruncatedNormalInitializer(Input mean = 0, Input stddev = 1,
                                       Seed seed = {});

// The number of inputs and outputs of one unit (R2.32): rank 2 is [in, out],
// more leading dimensions are a receptive field.
struct Fans {
  double in = 1;
  double out = 1;
};
// REQUIRES: a fully defined shape.
Fans FansOf(const Shape& shape);

struct VarianceScaling {
  enum Mode { kFanIn, kFanOut, kFanAverage };
  enum Distribution { kTruncatedNormal, kUntruncatedNormal, kUniform };

  double scale = 1;
  Mode mode = kFanIn;
  Distribution distribution = kTruncatedNormal;
  Seed seed = {};
};
// Variance scale / max(1, fan): R2.31.
Initializer VarianceScalingInitializer(VarianceScaling options);
Initializer GlorotUniform(Seed seed = {});
Initializer GlorotNormal(Seed seed = {});
Initializer HeUniform(Seed seed = {});
Initializer HeNormal(Seed seed = {});
Initializer LecunUniform(Seed seed = {});
Initializer LecunNormal(Seed seed = {});

// Uniform within factor * sqrt(3 / m), m the product of all dimensions but the
// last (R2.34).
Initializer UniformUnitScaling(double factor = 1, Seed seed = {});

// What a variable of this dtype gets where nothing is said (R2.24): Glorot
// uniform, zeros, or not set where the dtype has no such value.
Initializer DefaultInitializer(DType dtype);

}  // namespace trellis

#endif  // TRELLIS_GRAPH_INITIALIZERS_H_
