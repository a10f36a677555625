#include "trellis/graph/values.h"

#include "absl/strings/str_cat.h"
#include "trellis/graph/op_builder.h"
#include "trellis/graph/seeds.h"

namespace trellis {
namespace {

// More elements than this do not go into the graph.
constexpr int64_t kLargestConst = 999;

absl::StatusOr<Tensor> FilledTensor(const Shape& shape, const Input& value,
                                    DType dtype) {
  absl::StatusOr<Tensor> one = value.ToTensor(dtype);
  if (!one.ok()) return one.status();
  Tensor filled(dtype, shape);
  const size_t size = DTypeSize(dtype);
  char* out = static_cast<char*>(filled.data());
  for (int64_t i = 0; i < filled.num_elements(); ++i) {
    std::copy_n(static_cast<const char*>(one->data()), size, out + i * size);
  }
  return filled;
}

Output Filled(const Scope& scope, const Shape& shape, const Input& value,
              DType dtype, absl::string_view name, SourceLocation location) {
  if (!shape.fully_defined()) {
    return scope.graph()
        .AddError(absl::InvalidArgumentError(
            absl::StrCat(scope.path(), name, ": shape ", shape.ToString(),
                         " must be fully defined")))
        ->output();
  }
  if (shape.num_elements() <= kLargestConst) {
    absl::StatusOr<Tensor> tensor = FilledTensor(shape, value, dtype);
    if (!tensor.ok()) return scope.graph().AddError(tensor.status())->output();
    return Constant(scope, *std::move(tensor), name, location);
  }
  const Scope fill = scope.NameScope(name);
  const Output dims =
      ToOutput(fill, shape.dims(), "shape_as_tensor", kInt32, location);
  const Output element = ToOutput(fill, value, "Const", dtype, location);
  return Emit(fill, "Fill", {dims, element}, {}, fill.path(), location);
}

AttrMap RandomAttrs(const Scope& scope, const RandomOptions& options,
                    absl::string_view type_attr) {
  const SeedPair seeds = NextSeeds(scope.graph(), options.seed);
  return {{std::string(type_attr), AttrValue(options.dtype)},
          {"seed", AttrValue(seeds.seed)},
          {"seed2", AttrValue(seeds.seed2)}};
}

absl::string_view NameOr(const RandomOptions& options,
                         absl::string_view usual) {
  return options.name.empty() ? usual : absl::string_view(options.name);
}

// mean + stddev * (what `op` draws).
Output Scaled(const Scope& scope, absl::string_view op, const Input& shape,
              const Input& mean, const Input& stddev,
              const RandomOptions& options, SourceLocation location) {
  const Output dims = ToOutput(scope, shape, "shape", kInt32, location);
  const Output center = ToOutput(scope, mean, "mean", options.dtype, location);
  const Output scale =
      ToOutput(scope, stddev, "stddev", options.dtype, location);
  const Output drawn = Emit(scope, op, {dims},
                            RandomAttrs(scope, options, "dtype"), "", location);
  const Output scaled = Emit(scope, "Mul", {drawn, scale}, {}, "mul", location);
  return Emit(scope, "Add", {scaled, center}, {}, scope.path(), location);
}

}  // namespace

Output Ones(const Scope& scope, const Shape& shape, DType dtype,
            absl::string_view name, SourceLocation location) {
  return Filled(scope, shape, dtype == kBool ? Input(true) : Input(1), dtype,
                name, location);
}

Output UniformValues(const Scope& scope, const Input& shape, const Input& low,
                     const Input& high, const RandomOptions& options,
                     SourceLocation location) {
  const Scope s = scope.NameScope(NameOr(options, "random_uniform"));
  const Output dims = ToOutput(s, shape, "shape", kInt32, location);
  const Output min = ToOutput(s, low, "min", options.dtype, location);
  const Output max = ToOutput(s, high, "max", options.dtype, location);
  if (kIndexTypes.contains(options.dtype)) {
    return Emit(s, "RandomUniformInt", {dims, min, max},
                RandomAttrs(s, options, "Tout"), s.path(), location);
  }
  const Output drawn = Emit(s, "RandomUniform", {dims},
                            RandomAttrs(s, options, "dtype"), "", location);
  const Output range = Emit(s, "Sub", {max, min}, {}, "sub", location);
  const Output scaled = Emit(s, "Mul", {drawn, range}, {}, "mul", location);
  return Emit(s, "Add", {scaled, min}, {}, s.path(), location);
}

Output NormalValues(const Scope& scope, const Input& shape, const Input& mean,
                    const Input& stddev, const RandomOptions& options,
                    SourceLocation location) {
  return Scaled(scope.NameScope(NameOr(options, "random_normal")),
                "RandomStandardNormal", shape, mean, stddev, options, location);
}

Output TruncatedNormalValues(const Scope& scope, const Input& shape,
                             const Input& mean, const Input& stddev,
                             const RandomOptions& options,
                             SourceLocation location) {
  return Scaled(scope.NameScope(NameOr(options, "truncated_normal")),
                "TruncatedNormal", shape, mean, stddev, options, location);
}

}  // namespace trellis
