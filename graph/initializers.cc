#include "trellis/graph/initializers.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "trellis/graph/op_builder.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/values.h"
#include "trellis/graph/zeros.h"

namespace trellis {
namespace {

using absl::InvalidArgumentError;
using absl::StrCat;

// The standard deviation of a normal distribution cut at two of its own.
constexpr double kTruncatedDeviation = 0.87962566103423978;

// Nodes of an initializer belong to the line that asked for the variable,
// which is told by the variable's own nodes.
SourceLocation Nowhere() { return {}; }

Output Error(const Scope& scope, absl::string_view what) {
  return scope.graph()
      .AddError(InvalidArgumentError(StrCat(scope.path(), ": ", what)))
      ->output();
}

// The elements of `list`, then the last one until the shape is full.
absl::StatusOr<Tensor> Padded(const Tensor& list, const Shape& shape) {
  const int64_t given = list.num_elements(), wanted = shape.num_elements();
  if (given > wanted || given == 0) {
    return InvalidArgumentError(StrCat("has ", given, " elements, the shape ",
                                       shape.ToString(), " has ", wanted));
  }
  Tensor padded(list.dtype(), shape);
  if (list.dtype() == kString) {
    const absl::Span<const std::string> from = list.flat<std::string>();
    for (int64_t i = 0; i < wanted; ++i) {
      padded.flat<std::string>()[i] = from[std::min(i, given - 1)];
    }
    return padded;
  }
  const size_t size = DTypeSize(list.dtype());
  const char* from = static_cast<const char*>(list.data());
  char* to = static_cast<char*>(padded.data());
  for (int64_t i = 0; i < wanted; ++i) {
    std::copy_n(from + std::min(i, given - 1) * size, size, to + i * size);
  }
  return padded;
}

absl::StatusOr<Tensor> ConstantOf(const Input& value, bool verify_shape,
                                  const Shape& shape, DType dtype) {
  if (!value.is_literal()) {
    return InvalidArgumentError("a constant must be made of numbers");
  }
  absl::StatusOr<Tensor> tensor = value.ToTensor(dtype);
  if (!tensor.ok()) return tensor;
  if (verify_shape && !(tensor->shape() == shape)) {
    return InvalidArgumentError(StrCat("has the shape ",
                                       tensor->shape().ToString(), ", must be ",
                                       shape.ToString()));
  }
  return Padded(*tensor, shape);
}

// Does `draw` have a value for a variable of these?
using Draw = Output (*)(const Scope&, const Input&, const Input&, const Input&,
                        const RandomOptions&, SourceLocation);
Initializer Drawn(Draw draw, Input a, Input b, Seed seed) {
  return Initializer([=](const Scope& scope, const Shape& shape, DType dtype) {
    return draw(scope, shape.dims(), a, b, {.dtype = dtype, .seed = seed},
                Nowhere());
  });
}

double FanOf(const Fans& fans, VarianceScaling::Mode mode) {
  switch (mode) {
    case VarianceScaling::kFanIn:
      return fans.in;
    case VarianceScaling::kFanOut:
      return fans.out;
    case VarianceScaling::kFanAverage:
      break;
  }
  return (fans.in + fans.out) / 2;
}

Output DrawScaled(const VarianceScaling& options, const Scope& scope,
                  const Shape& shape, DType dtype, const PartitionInfo* part) {
  if (!(options.scale > 0)) {
    return Error(scope, StrCat("scale is ", options.scale, ", must be > 0"));
  }
  // R2.32: a part has the fans of the whole.
  const Fans fans = FansOf(part == nullptr ? shape : part->full_shape);
  const double variance =
      options.scale / std::max(1.0, FanOf(fans, options.mode));
  const RandomOptions random = {.dtype = dtype, .seed = options.seed};
  switch (options.distribution) {
    case VarianceScaling::kTruncatedNormal:
      return TruncatedNormalValues(scope, shape.dims(), 0.0,
                                   std::sqrt(variance) / kTruncatedDeviation,
                                   random, Nowhere());
    case VarianceScaling::kUntruncatedNormal:
      return NormalValues(scope, shape.dims(), 0.0, std::sqrt(variance), random,
                          Nowhere());
    case VarianceScaling::kUniform:
      break;
  }
  const double limit = std::sqrt(3 * variance);
  return UniformValues(scope, shape.dims(), -limit, limit, random, Nowhere());
}

Initializer Scaled(double scale, VarianceScaling::Mode mode,
                   VarianceScaling::Distribution distribution, Seed seed) {
  return VarianceScalingInitializer({.scale = scale,
                                     .mode = mode,
                                     .distribution = distribution,
                                     .seed = seed});
}

}  // namespace

Initializer ZerosInitializer() {
  return Initializer([](const Scope& scope, const Shape& shape, DType dtype) {
    return Zeros(scope, shape, dtype, "zeros", Nowhere());
  });
}

Initializer OnesInitializer() {
  return Initializer([](const Scope& scope, const Shape& shape, DType dtype) {
    return Ones(scope, shape, dtype, "ones", Nowhere());
  });
}

Initializer ConstantInitializer(Input value, bool verify_shape) {
  return Initializer([=](const Scope& scope, const Shape& shape, DType dtype) {
    absl::StatusOr<Tensor> tensor =
        ConstantOf(value, verify_shape, shape, dtype);
    if (!tensor.ok()) {
      return Error(scope, StrCat("constant ", tensor.status().message()));
    }
    return Constant(scope, *std::move(tensor), "Const", Nowhere());
  });
}

Initializer RandomUniformInitializer(Input low, Input high, Seed seed) {
  return Drawn(UniformValues, std::move(low), std::move(high), seed);
}
Initializer RandomNormalInitializer(Input mean, Input stddev, Seed seed) {
  return Drawn(NormalValues, std::move(mean), std::move(stddev), seed);
}
Initializer TruncatedNormalInitializer(Input mean, Input stddev, Seed seed) {
  return Drawn(TruncatedNormalValues, std::move(mean), std::move(stddev), seed);
}

Fans FansOf(const Shape& shape) {
  const int rank = shape.rank();
  if (rank == 0) return {1, 1};
  if (rank == 1) {
    const double n = static_cast<double>(shape.dim(0));
    return {n, n};
  }
  double field = 1;
  for (int i = 0; i < rank - 2; ++i) {
    field *= static_cast<double>(shape.dim(i));
  }
  return {field * static_cast<double>(shape.dim(rank - 2)),
          field * static_cast<double>(shape.dim(rank - 1))};
}

Initializer VarianceScalingInitializer(VarianceScaling options) {
  return Initializer([=](const Scope& scope, const Shape& shape, DType dtype,
                         const PartitionInfo* part) {
    return DrawScaled(options, scope, shape, dtype, part);
  });
}

Initializer GlorotUniform(Seed seed) {
  return Scaled(1, VarianceScaling::kFanAverage, VarianceScaling::kUniform,
                seed);
}
Initializer GlorotNormal(Seed seed) {
  return Scaled(1, VarianceScaling::kFanAverage,
                VarianceScaling::kTruncatedNormal, seed);
}
Initializer HeUniform(Seed seed) {
  return Scaled(2, VarianceScaling::kFanIn, VarianceScaling::kUniform, seed);
}
Initializer HeNormal(Seed seed) {
  return Scaled(2, VarianceScaling::kFanIn, VarianceScaling::kTruncatedNormal,
                seed);
}
Initializer LecunUniform(Seed seed) {
  return Scaled(1, VarianceScaling::kFanIn, VarianceScaling::kUniform, seed);
}
Initializer LecunNormal(Seed seed) {
  return Scaled(1, VarianceScaling::kFanIn, VarianceScaling::kTruncatedNormal,
                seed);
}

Initializer UniformUnitScaling(double factor, Seed seed) {
  return Initializer([=](const Scope& scope, const Shape& shape, DType dtype,
                         const PartitionInfo* part) {
    const Shape& whole = part == nullptr ? shape : part->full_shape;
    double inputs = 1;
    for (int i = 0; i + 1 < whole.rank(); ++i) {
      inputs *= static_cast<double>(whole.dim(i));
    }
    const double limit = factor * std::sqrt(3 / std::max(1.0, inputs));
    return UniformValues(scope, shape.dims(), -limit, limit,
                         {.dtype = dtype, .seed = seed}, Nowhere());
  });
}

Initializer DefaultInitializer(DType dtype) {
  if (kFloatTypes.contains(dtype)) return GlorotUniform();
  if (kIntegerTypes.contains(dtype) || dtype == kBool || dtype == kString) {
    return ZerosInitializer();
  }
  return Initializer();
}

}  // namespace trellis
