// What a kernel sees when it runs: the addresses of its operands and where to
// compute. Made once per run; moving to the next step changes one pointer.
#ifndef TRELLIS_RUNTIME_KERNEL_RUN_CONTEXT_H_
#define TRELLIS_RUNTIME_KERNEL_RUN_CONTEXT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "trellis/base/team.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/tensor.h"
#include "trellis/runtime/kernel/slot.h"
#include "trellis/runtime/kernel/stream.h"
#include "trellis/runtime/kernel/variable_state.h"

namespace trellis {

class RunState;

// The operands of one step, in one array: inputs, then outputs.
struct Operands {
  const Slot* slots = nullptr;
  int num_inputs = 0;
  Slot scratch;
  // Of the counter of a node whose op is `random`.
  Slot random;
};

// The part of a RunState that steps look at. All tables are indexed by
// Slot::base.
struct RunTables {
  char** data;                      // addresses
  VariableState* const* variables;  // null where the entry is no variable
  Tensor* owned;                    // used where the entry is an owned tensor
};

class RunContext {
 public:
  // `state` is the executor's own. `deadline` is a time of Now(); kNoDeadline
  // for none.
  RunContext(RunTables tables, Team& team, const std::atomic<bool>& cancelled,
             int64_t deadline, RunState* state)
      : tables_(tables),
        team_(team),
        cancelled_(cancelled),
        deadline_(deadline),
        state_(state) {}

  // ---- for kernels

  // Element type T is the operand's; the number of elements is what Prepare was
  // told. Never aliases an output unless the op's schema says in_place.
  // Of a variable's reference or handle: the variable's elements.
  template <typename T>
  const T* input(int i) const {
    return reinterpret_cast<const T*>(Address(operands_->slots[i]));
  }
  template <typename T>
  T* output(int i) const {
    return reinterpret_cast<T*>(
        Address(operands_->slots[operands_->num_inputs + i]));
  }
  // The elements of the variable that input i refers to, to write.
  template <typename T>
  T* variable(int i) const {
    return reinterpret_cast<T*>(Address(operands_->slots[i]));
  }
  VariableState& variable_state(int i) const {
    return *tables_.variables[operands_->slots[i].base];
  }
  // Key and 128-bit counter of a random node: kUint64[3], see random kernels.
  VariableState& random_state() const {
    return *tables_.variables[operands_->random.base];
  }
  void* scratch() const { return Address(operands_->scratch); }

  // Gives output i a shape, where only the kernel can know it (its shape
  // function said unknown): new host memory, which output<T>(i) then returns.
  absl::Status AllocateOutput(int i, const Shape& shape);
  // The same with a value that is there already, in host memory of its own.
  void SetOutput(int i, Tensor value);
  // Replaces the value of the variable that input i refers to, where its shape
  // is not fixed. New host memory for it; uninitialized numbers.
  absl::Status AllocateVariable(int i, DType dtype, const Shape& shape);

  Team& team() const { return team_; }
  // The step's lane; null on the host.
  Stream* stream() const { return stream_; }
  // True once the run was cancelled or its deadline has passed. Long kernels
  // look once per tile and return early, with any status.
  bool cancelled() const {
    return cancelled_.load(std::memory_order_relaxed) ||
           (deadline_ != kNoDeadline && Now() >= deadline_);
  }

  // ---- for the executor

  static constexpr int64_t kNoDeadline = INT64_MAX;
  // Nanoseconds of the steady clock.
  static int64_t Now();

  void Bind(int step, const Operands* operands, Stream* stream) {
    step_ = step;
    operands_ = operands;
    stream_ = stream;
  }
  // Which step of the plan runs: what a stream reports with a late error.
  int step() const { return step_; }
  const Operands& operands() const { return *operands_; }
  const RunTables& tables() const { return tables_; }
  RunState& state() const { return *state_; }
  int64_t deadline() const { return deadline_; }
  // Dtypes of the outputs of a dynamic step, for AllocateOutput.
  void set_output_dtypes(const DType* dtypes) { output_dtypes_ = dtypes; }

 private:
  char* Address(const Slot& slot) const {
    return tables_.data[slot.base] + slot.offset;
  }

  int step_ = 0;
  const Operands* operands_ = nullptr;
  RunTables tables_;
  Stream* stream_ = nullptr;
  const DType* output_dtypes_ = nullptr;
  Team& team_;
  const std::atomic<bool>& cancelled_;
  const int64_t deadline_;
  RunState* const state_;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_KERNEL_RUN_CONTEXT_H_
