#include "trellis/tools/trellis/compiled_model.h"

#include <algorithm>

#include "trellis/base/status_macros.h"
#include "trellis/runtime/compile/internal_ops.h"
#include "trellis/tools/trellis/ends.h"
#include "trellis/tools/trellis/open_model.h"
#include "trellis/tools/trellis/placeholders.h"
#include "trellis/trellis.h"

namespace trellis {
namespace {

absl::StatusOr<std::vector<ShapedTensor>> FeedsOf(const Flags& flags,
                                                  const ModelSession& model,
                                                  const Ends& ends) {
  const Graph& graph = *model.model.meta.graph;
  TRELLIS_ASSIGN_OR_RETURN(
      const auto given, ParseShapes(flags.All("shape"), graph, model.inputs));
  std::vector<Output> fed;
  const auto add = [&fed](Output tensor) {
    if (std::find(fed.begin(), fed.end(), tensor) == fed.end()) {
      fed.push_back(tensor);
    }
  };
  for (const std::string& name : flags.All("feed")) {
    TRELLIS_ASSIGN_OR_RETURN(const Output tensor,
                             ResolveTensor(graph, model.inputs, name));
    add(tensor);
  }
  for (const ShapedTensor& shaped : given) add(shaped.tensor);
  for (const auto& [key, tensor] : model.inputs) add(tensor);
  for (const Output& tensor : NeededPlaceholders(ends.nodes(), fed)) {
    add(tensor);
  }
  TRELLIS_ASSIGN_OR_RETURN(const int64_t batch,
                           flags.IntOr("batch", kUnknownDim, 1));
  return ShapesFor(fed, given, batch);
}

}  // namespace

std::vector<FlagSpec> CompiledModelFlags() {
  return {{"fetch", "NAME", "a tensor, or a node's output 0; repeat"},
          {"target", "NAME", "a node to run; repeat"},
          {"feed", "NAME", "a tensor to feed; placeholders are anyway"},
          {"shape", "NAME=1,224,224,3", "shape of a fed tensor; repeat"},
          {"batch", "N", "first dimension of fed tensors that leave it open"},
          TagFlag(),
          {"signature", "KEY", "feed and fetch by the keys of this signature"},
          {"no-optimize", "", "no folding, merging, computing in place"},
          {"no-plan", "", "decide every step anew in every run"},
          {"device", "DEVICE", "of nodes that ask for none: /cpu:1"}};
}

absl::StatusOr<CompiledModel> CompileModel(const Flags& flags) {
  CompiledModel result;
  TRELLIS_ASSIGN_OR_RETURN(result.model, OpenModelSession(flags));
  TRELLIS_ASSIGN_OR_RETURN(const Ends ends,
                           RequestedOrLikelyEnds(flags, result.model));
  TRELLIS_ASSIGN_OR_RETURN(const auto feeds,
                           FeedsOf(flags, result.model, ends));
  RunSignature signature = {.targets = ends.targets};
  for (const NamedTensor& fetch : ends.fetches) {
    signature.fetches.push_back(fetch.tensor);
  }
  for (const ShapedTensor& feed : feeds) {
    signature.feeds.push_back(feed.tensor);
    result.feed_shapes.push_back(feed.shape);
  }
  const Graph& graph = *result.model.model.meta.graph;
  result.ops = std::make_unique<OpRegistry>(&graph.ops());
  RegisterInternalOps(*result.ops);
  TRELLIS_ASSIGN_OR_RETURN(
      result.program, Compile(graph, signature, *result.ops, Builtin().kernels,
                              result.model.session->devices(),
                              {.optimize = !flags.Has("no-optimize"),
                               .plan = !flags.Has("no-plan"),
                               .placement = {.allow_soft_placement = true}}));
  return result;
}

}  // namespace trellis
