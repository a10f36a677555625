// Kernels for FAKE devices, made from those of the CPU.
//
// Run checks that each operand is where it must be (in the device's memory,
// inside an allocation, or in the host's where the registration says so),
// takes the addresses of the bytes behind them, and enqueues a call of the
// CPU's kernel with these. What the host knows of a variable (is it
// initialized, its version) is read and changed when Run is called, in the
// order of the plan.
#ifndef TRELLIS_TESTS_FAKE_DEVICE_FAKE_KERNELS_H_
#define TRELLIS_TESTS_FAKE_DEVICE_FAKE_KERNELS_H_

#include "trellis/graph/op_schema.h"
#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {

// Adds to `registry`, which may be `cpu`, an entry for FAKE for each of the
// CPU's that a device with nothing but numbers in its memory can have: not for
// strings, not for what acts on the world outside of the session's variables.
// As on a GPU, ops about shapes (Shape, BroadcastGradientArgs, ...) have their
// results in the host's memory.
void RegisterFakeKernels(const KernelRegistry& cpu, const OpRegistry& ops,
                         KernelRegistry& registry);

}  // namespace trellis

#endif  // TRELLIS_TESTS_FAKE_DEVICE_FAKE_KERNELS_H_
