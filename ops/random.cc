// Random numbers. Each node has a counter in the session's resource store; the
// numbers are TensorFlow's, bit for bit, where its seeds are fixed (R1.67 to
// R1.71).
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"
#include "trellis/ops/partial_values.h"

namespace trellis {
namespace {

absl::Status RandomShape(ShapeContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(Shape shape, SizesInput(c, 0));
  return c.SetOutput(0, std::move(shape));
}

OpSchema Random(std::string name, std::string doc) {
  return {
      .name = std::move(name),
      .doc = std::move(doc),
      .inputs = {{"shape", "T"}},
      .outputs = {{"output", "dtype"}},
      .attrs = {IntAttr("seed", 0), IntAttr("seed2", 0),
                TypeAttr("dtype", kFloatTypes), TypeAttr("T", kIndexTypes)},
      .shape = RandomShape,
      .not_differentiable = "does not depend on values",
      .stateful = true,
      .random = true,
  };
}

absl::Status RandomUniformIntShape(ShapeContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(const std::optional<int64_t> low,
                           c.integer_input(1));
  TRELLIS_ASSIGN_OR_RETURN(const std::optional<int64_t> high,
                           c.integer_input(2));
  if (low.has_value() && high.has_value() && *low >= *high) {
    return absl::InvalidArgumentError(absl::StrCat(
        "minval is ", *low, ", maxval ", *high, ": must be smaller"));
  }
  return RandomShape(c);
}

OpSchema RandomUniformInt() {
  return {
      .name = "RandomUniformInt",
      .doc =
          "Integers from [minval, maxval).\n\n"
          "Slightly biased unless maxval - minval is a power of two.",
      .inputs = {{"shape", "T"}, {"minval", "Tout"}, {"maxval", "Tout"}},
      .outputs = {{"output", "Tout"}},
      .attrs = {IntAttr("seed", 0), IntAttr("seed2", 0),
                TypeAttr("Tout", kIndexTypes), TypeAttr("T", kIndexTypes)},
      .shape = RandomUniformIntShape,
      .not_differentiable = "does not depend on values",
      .stateful = true,
      .random = true,
  };
}

}  // namespace

void RegisterRandomOps(OpRegistry& registry) {
  registry.Add(Random("RandomUniform", "Numbers from [0, 1), uniformly."));
  registry.Add(Random("RandomStandardNormal",
                      "Numbers from the normal distribution of mean 0 and "
                      "standard deviation 1."));
  registry.Add(Random("TruncatedNormal",
                      "Numbers from the standard normal distribution, those "
                      "beyond two standard deviations drawn again."));
  registry.Add(RandomUniformInt());
}

}  // namespace trellis
