#include "trellis/runtime/compile/internal_ops.h"

#include "trellis/graph/shape_context.h"

namespace trellis {
namespace {

constexpr char kNotInUserGraphs[] = "made by the compiler, after gradients";

absl::Status FeedShape(ShapeContext& c) {
  return c.SetOutput(0, c.attr<Shape>("shape"));
}

OpSchema Feed() {
  return {
      .name = std::string(kFeedOp),
      .doc = "A tensor that the caller of a run feeds.",
      .outputs = {{"value", "dtype"}},
      .attrs = {TypeAttr("dtype"),
                {.name = "shape", .kind = "shape"},
                {.name = "index", .kind = "int"}},
      .shape = FeedShape,
      .not_differentiable = kNotInUserGraphs,
      .stateful = true,
  };
}

OpSchema Fetch() {
  return {
      .name = std::string(kFetchOp),
      .doc = "A tensor that the caller of a run gets back.",
      .inputs = {{"value", "T"}},
      .attrs = {TypeAttr("T"), {.name = "index", .kind = "int"}},
      .shape = NoOutputs,
      .not_differentiable = kNotInUserGraphs,
      .stateful = true,
  };
}

OpSchema Target() {
  return {
      .name = std::string(kTargetOp),
      .doc =
          "Has what the caller of a run wants to have run as control inputs.",
      .shape = NoOutputs,
      .not_differentiable = kNotInUserGraphs,
      .stateful = true,
  };
}

OpSchema Copy() {
  return {
      .name = std::string(kCopyOp),
      .doc = "The same tensor in another device's memory.",
      .inputs = {{"input", "T"}},
      .outputs = {{"output", "T"}},
      .attrs = {TypeAttr("T")},
      .shape = UnchangedShape,
      .not_differentiable = kNotInUserGraphs,
      .view_of = 0,
  };
}

}  // namespace

void RegisterInternalOps(OpRegistry& registry) {
  registry.Add(Feed());
  registry.Add(Fetch());
  registry.Add(Target());
  registry.Add(Copy());
}

}  // namespace trellis
