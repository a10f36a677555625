// The front door: what a program that uses Trellis includes.
//
//   Graph graph = NewGraph();
//   Scope s = graph.root();
//   Output y = ops::MatMul(s, x, w);
//   TRELLIS_ASSIGN_OR_RETURN(auto session, NewSession(graph, {.threads = 2}));
//
// A program that wants fewer ops or kernels fills its own registries from the
// families' functions (ops/families.h, kernels/cpu/families.h) and uses Graph
// and Session::Make directly.
#ifndef TRELLIS_TRELLIS_H_
#define TRELLIS_TRELLIS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/tensor.h"
#include "trellis/runtime/device.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/session.h"

namespace trellis {

// All that this build has.
struct BuiltinRegistries {
  OpRegistry ops;
  KernelRegistry kernels;
  DeviceRegistry devices;
};

// Filled at the first call; lives until the program ends. Thread-safe.
const BuiltinRegistries& Builtin();

// An empty graph that knows the built-in ops.
Graph NewGraph(GraphOptions options = {});

// A session with the built-in kernels and devices. Errors as Session::Make.
absl::StatusOr<std::unique_ptr<Session>> NewSession(
    Graph& graph, SessionOptions options = {});

}  // namespace trellis

#endif  // TRELLIS_TRELLIS_H_
