// A Plan: a Program for given shapes. Immutable and shared by concurrent runs.
//
// A plan is an array of steps, each a prepared kernel and the slots of its
// operands. Where the values are:
//
//   arena     one block per device; offsets were planned from lifetimes
//   constant  constants of the graph and what follows from shapes
//   variable  the session's variables
//   feed      the caller's tensors, read-only
//   fetch     result buffers: their producers write straight into them
//   owned     a reference-counted tensor of the run: strings, and values whose
//             shape is known only at run time
//
// A step is planned (shapes known, kernel prepared, offsets fixed) or dynamic
// (a DynamicStep that prepares its kernel per shape and owns its outputs).
#ifndef TRELLIS_RUNTIME_PLAN_H_
#define TRELLIS_RUNTIME_PLAN_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/tensor.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/run_context.h"
#include "trellis/runtime/program.h"

namespace trellis {

// One entry of a run's base table.
struct PlanBase {
  enum class Kind : uint8_t {
    kArena,
    kConstant,
    kVariable,
    kFeed,
    kFetch,
    kOwned
  };
  Kind kind = Kind::kArena;
  // Of the arena's device, constant, program's variable, feed or fetch.
  int index = 0;
};

struct Step {
  const Kernel* kernel = nullptr;
  Operands operands;
  int stream = -1;  // index into Plan::stream_devices; -1: the host
  const Node* node = nullptr;
  const char* kind =
      "";  // "kernel", "dynamic", "copy", "wait", ...: for people
};

struct PlanFetch {
  DType dtype = kInvalid;
  Shape shape;          // fully defined unless owned
  int owned_base = -1;  // the tensor itself is the result
};

struct PlanVariable {
  int variable = 0;          // index into the program's table
  bool exclusive = false;    // written
  bool needs_value = false;  // read before anything in the plan writes it
};

struct Plan {
  const Program* program = nullptr;
  // What it was made for; by feed. Partly unknown in a plan for all shapes.
  std::vector<Shape> feed_shapes;
  std::vector<Step> steps;
  std::vector<Slot> slots;
  std::vector<std::unique_ptr<Kernel>> kernels;
  std::vector<PlanBase> bases;
  std::vector<size_t> arena_bytes;  // by device
  std::vector<Tensor> constants;
  std::vector<PlanFetch> fetches;
  std::vector<int> stream_devices;
  std::vector<PlanVariable> variables;
  int num_points = 0;   // of streams, that steps wait for
  int num_dynamic = 0;  // dynamic steps
};

// `feed_shapes` has one shape per feed, compatible with its node's.
absl::StatusOr<std::unique_ptr<Plan>> MakePlan(
    const Program& program, absl::Span<const Shape> feed_shapes);

// One line per step: number, op, node, device, shapes, slots; then bases and
// arena sizes. Stable: goldens are made of it.
std::string PlanText(const Plan& plan);

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_PLAN_H_
