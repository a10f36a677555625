// A step whose shapes are known only when it runs: it infers them, prepares its
// kernel through a small cache, and owns its outputs.
#ifndef TRELLIS_RUNTIME_DYNAMIC_STEP_H_
#define TRELLIS_RUNTIME_DYNAMIC_STEP_H_

#include <vector>

#include "trellis/runtime/device.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/prepared_node.h"
#include "trellis/runtime/run_state.h"

namespace trellis {

class DynamicStep final : public Kernel {
 public:
  // Kernels kept for different shapes.
  static constexpr size_t kCacheSize = 8;

  // Where the shape of an input comes from.
  struct Input {
    enum class Source : uint8_t { kStatic, kFeed, kOwned, kVariable };
    Source source = Source::kStatic;
    DType dtype = kInvalid;
    Shape shape;          // kStatic, and what shape functions see of a handle
    int index = 0;        // feed, or base
    bool on_host = true;  // may its value be looked at?
    bool is_handle = false;  // a reference or resource
  };

  enum class Action : uint8_t {
    kKernel,
    kView,      // the input's bytes under the inferred shape
    kFromHost,  // a copy to the device
    kToHost,    // a copy from it, which waits
  };

  // `index` numbers the dynamic steps of a plan. `device` is where kernel and
  // outputs are (of kToHost: where the input is). `entry` is null unless
  // kKernel. `host_outputs` are in host memory whatever the device.
  DynamicStep(const Node& node, int index, Action action,
              const KernelEntry* entry, Device& device,
              std::vector<Input> inputs, std::vector<bool> host_outputs);

  absl::Status Run(RunContext& c) const override;

 private:
  using Entry = DynamicCache::Entry;

  Shape ShapeOf(const RunContext& c, int i) const;
  Tensor ValueOf(const RunContext& c, int i, const Shape& shape) const;
  absl::StatusOr<Entry*> FindOrPrepare(RunContext& c) const;
  absl::Status RunKernel(RunContext& c) const;
  absl::Status RunCopy(RunContext& c) const;
  static absl::Status Drain(const RunContext& c);
  absl::Status BindScratch(RunContext& c, size_t bytes) const;
  absl::Status AllocateOutputs(RunContext& c,
                               const std::vector<Shape>& shapes) const;

  const Node& node_;
  const int index_;
  const Action action_;
  const KernelEntry* const entry_;
  Device& device_;
  const std::vector<Input> inputs_;
  std::vector<bool> host_outputs_;
  std::vector<DType> output_dtypes_;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_DYNAMIC_STEP_H_
