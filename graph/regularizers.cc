#include "trellis/graph/regularizers.h"

#include <utility>
#include <vector>

#include "trellis/graph/op_builder.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/variable.h"

namespace trellis {
namespace {

// Nodes of a regularizer belong to the line that asked for the variable, which
// is told by the variable's own nodes.
SourceLocation Nowhere() { return {}; }

Output Add(const Scope& s, absl::string_view op, absl::Span<const Input> inputs,
           absl::string_view name = "") {
  return Emit(s, op, inputs, {}, name, Nowhere());
}

Output L2(const Scope& scope, const Variable& v, double scale) {
  const Scope s = scope.NameScope("l2_regularizer");
  const Output factor = ToOutput(s, scale, "scale", v.dtype(), Nowhere());
  const Output loss = Add(s, "L2Loss", {v});
  return Add(s, "Mul", {factor, loss}, s.path());
}

Output L1(const Scope& scope, const Variable& v, double scale) {
  const Scope s = scope.NameScope("l1_regularizer");
  const Output factor = ToOutput(s, scale, "scale", v.dtype(), Nowhere());
  const Output magnitudes = Add(s, "Abs", {v});
  std::vector<int32_t> axes;
  for (int i = 0; i < v.shape().rank(); ++i) axes.push_back(i);
  const Output all = ToOutput(s, axes, "Const", kInt32, Nowhere());
  const Output sum = Add(s, "Sum", {magnitudes, all});
  return Add(s, "Mul", {factor, sum}, s.path());
}

}  // namespace

Regularizer L2Regularizer(double scale) {
  return [=](const Scope& scope, const Variable& v) {
    return scale == 0 ? Output() : L2(scope, v, scale);
  };
}

Regularizer L1Regularizer(double scale) {
  return [=](const Scope& scope, const Variable& v) {
    return scale == 0 ? Output() : L1(scope, v, scale);
  };
}

Regularizer L1L2Regularizer(double l1, double l2) {
  return [=](const Scope& scope, const Variable& v) {
    if (l1 == 0 && l2 == 0) return Output();
    const Scope s = scope.NameScope("l1_l2_regularizer");
    std::vector<Input> losses;
    if (l1 != 0) losses.push_back(L1(s, v, l1));
    if (l2 != 0) losses.push_back(L2(s, v, l2));
    return Add(s, "AddN", losses, s.path());
  };
}

Regularizer NoRegularizer() {
  return [](const Scope&, const Variable&) { return Output(); };
}

}  // namespace trellis
