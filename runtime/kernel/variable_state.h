// The value of a variable in a session, as kernels see it.
#ifndef TRELLIS_RUNTIME_KERNEL_VARIABLE_STATE_H_
#define TRELLIS_RUNTIME_KERNEL_VARIABLE_STATE_H_

#include <atomic>
#include <cstdint>

#include "trellis/graph/tensor.h"

namespace trellis {

// Guarded by admission: a run that may write holds the variable exclusively, a
// run that reads holds it shared. Writers of a hogwild variable that has a
// value hold it shared, too, and race on its elements.
struct VariableState {
  // In the memory of the variable's device. Allocated before its first
  // assignment where the shape is known, so "has a buffer" is not "has a
  // value".
  Tensor value;
  bool initialized = false;
  // Counts assignments and updates, so that packed copies know their age.
  std::atomic<int64_t> version{0};
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_KERNEL_VARIABLE_STATE_H_
