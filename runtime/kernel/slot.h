// Where a step finds an operand. A plan is shared by concurrent runs, so it
// holds no pointers: a slot is an entry of the run's base table plus an offset.
//
//   address = bases[slot.base] + slot.offset
//
// The base table of a run (RunState) has one entry for each arena, constant
// block, variable, feed, fetch and owned tensor of the plan.
#ifndef TRELLIS_RUNTIME_KERNEL_SLOT_H_
#define TRELLIS_RUNTIME_KERNEL_SLOT_H_

#include <cstddef>
#include <cstdint>

namespace trellis {

struct Slot {
  uint32_t base = 0;
  // 0, or the id + 1 of the layout its bytes are in: kernels that do not ask
  // only ever see plain row-major operands.
  uint32_t layout = 0;
  size_t offset = 0;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_KERNEL_SLOT_H_
