// What a command computes of a model: fetches and targets.
#ifndef TRELLIS_TOOLS_TRELLIS_ENDS_H_
#define TRELLIS_TOOLS_TRELLIS_ENDS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "trellis/graph/graph.h"
#include "trellis/runtime/session.h"
#include "trellis/tools/trellis/flags.h"
#include "trellis/tools/trellis/model_session.h"

namespace trellis {

struct NamedTensor {
  std::string name;  // as the flag or the signature has it
  Output tensor;
};

struct Ends {
  std::vector<NamedTensor> fetches;
  std::vector<Node*> targets;

  bool empty() const { return fetches.empty() && targets.empty(); }
  std::vector<const Node*> nodes() const;
  Fetches fetch_refs() const;
  Targets target_refs() const { return {targets.begin(), targets.end()}; }
};

// What --fetch and --target name, else all outputs of --signature; possibly
// nothing. NotFound, with the nearest names, for what the graph does not have.
absl::StatusOr<Ends> RequestedEnds(const Flags& flags,
                                   const ModelSession& model);

// The same, or the output that looks likeliest. InvalidArgument if none does.
absl::StatusOr<Ends> RequestedOrLikelyEnds(const Flags& flags,
                                           const ModelSession& model);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_ENDS_H_
