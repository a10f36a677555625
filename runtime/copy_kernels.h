// The steps that only move bytes: between slots of the host, between host and
// device, and the waiting that comes with that.
#ifndef TRELLIS_RUNTIME_COPY_KERNELS_H_
#define TRELLIS_RUNTIME_COPY_KERNELS_H_

#include <cstddef>

#include "trellis/runtime/device.h"
#include "trellis/runtime/kernel/kernel.h"

namespace trellis {

// Numbers from one slot to another, both in host memory.
class HostCopy final : public Kernel {
 public:
  explicit HostCopy(size_t bytes) : bytes_(bytes) {}
  absl::Status Run(RunContext& c) const override;

 private:
  const size_t bytes_;
};

// These enqueue on the step's stream, a stream of `device`.
class CopyFromHost final : public Kernel {
 public:
  CopyFromHost(Device& device, size_t bytes) : device_(device), bytes_(bytes) {}
  absl::Status Run(RunContext& c) const override;

 private:
  Device& device_;
  const size_t bytes_;
};

class CopyOnDevice final : public Kernel {
 public:
  CopyOnDevice(Device& device, size_t bytes) : device_(device), bytes_(bytes) {}
  absl::Status Run(RunContext& c) const override;

 private:
  Device& device_;
  const size_t bytes_;
};

// Records in RunState::points()[point] when the bytes will have arrived.
class CopyToHost final : public Kernel {
 public:
  CopyToHost(Device& device, size_t bytes, int point)
      : device_(device), bytes_(bytes), point_(point) {}
  absl::Status Run(RunContext& c) const override;

 private:
  Device& device_;
  const size_t bytes_;
  const int point_;
};

// Waits for what a CopyToHost recorded; on the stream of that step.
class WaitForPoint final : public Kernel {
 public:
  explicit WaitForPoint(int point) : point_(point) {}
  absl::Status Run(RunContext& c) const override;

 private:
  const int point_;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_COPY_KERNELS_H_
