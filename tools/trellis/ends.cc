#include "trellis/tools/trellis/ends.h"

#include "trellis/base/status_macros.h"
#include "trellis/tools/trellis/feeds.h"
#include "trellis/tools/trellis/likely_ends.h"
#include "trellis/tools/trellis/open_model.h"

namespace trellis {

std::vector<const Node*> Ends::nodes() const {
  std::vector<const Node*> nodes(targets.begin(), targets.end());
  for (const NamedTensor& fetch : fetches) nodes.push_back(fetch.tensor.node);
  return nodes;
}

Fetches Ends::fetch_refs() const {
  Fetches refs;
  for (const NamedTensor& fetch : fetches) refs.push_back(fetch.tensor);
  return refs;
}

absl::StatusOr<Ends> RequestedEnds(const Flags& flags,
                                   const ModelSession& model) {
  const Graph& graph = *model.model.meta.graph;
  Ends ends;
  for (const std::string& name : flags.All("fetch")) {
    TRELLIS_ASSIGN_OR_RETURN(const Output tensor,
                             ResolveTensor(graph, model.outputs, name));
    ends.fetches.push_back({name, tensor});
  }
  for (const std::string& name : flags.All("target")) {
    TRELLIS_ASSIGN_OR_RETURN(ends.targets.emplace_back(),
                             FindNodeOrSuggest(graph, name));
  }
  if (!ends.empty()) return ends;
  for (const auto& [key, tensor] : model.outputs) {
    ends.fetches.push_back({key, tensor});
  }
  return ends;
}

absl::StatusOr<Ends> RequestedOrLikelyEnds(const Flags& flags,
                                           const ModelSession& model) {
  TRELLIS_ASSIGN_OR_RETURN(Ends ends, RequestedEnds(flags, model));
  if (!ends.empty()) return ends;
  const MetaGraph& meta = model.model.meta;
  const auto outputs = LikelyOutputs(meta, LikelyInputs(meta));
  if (outputs.empty()) {
    return absl::InvalidArgumentError(
        "no output looks likely; give --fetch or --target");
  }
  const Output tensor = outputs.front().tensor;
  ends.fetches.push_back({tensor.name(), tensor});
  return ends;
}

}  // namespace trellis
