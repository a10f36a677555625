// A kernel: the code of one operation for one kind of device and data type,
// prepared for one node of one plan.
//
// Life of a kernel: the registry's factory makes it, Prepare is called once
// with everything that is fixed (shapes, attributes, known values), and after
// that any number of runs call Run, concurrently: what changes during a run is
// in the RunContext.
#ifndef TRELLIS_RUNTIME_KERNEL_KERNEL_H_
#define TRELLIS_RUNTIME_KERNEL_KERNEL_H_

#include "absl/status/status.h"

namespace trellis {

class PrepareContext;
class RunContext;

class Kernel {
 public:
  Kernel() = default;
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  virtual ~Kernel() = default;

  // Shapes of inputs and outputs are fully defined and were accepted by the
  // op's shape function, except outputs whose shape only Run finds out.
  virtual absl::Status Prepare(PrepareContext& c) { return absl::OkStatus(); }

  // Computes the outputs; on an asynchronous device, enqueues that. Allocates
  // nothing, takes no lock, looks nothing up.
  virtual absl::Status Run(RunContext& c) const = 0;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_KERNEL_KERNEL_H_
