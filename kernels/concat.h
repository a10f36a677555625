// ConcatV2 and Pack, Split and Unpack: blocks of rows next to each other in
// wider rows.
#ifndef TRELLIS_KERNELS_CONCAT_H_
#define TRELLIS_KERNELS_CONCAT_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/base/status_macros.h"
#include "trellis/kernels/element_types.h"
#include "trellis/kernels/strided_copy.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

// What of the wide tensor belongs to one part.
struct ConcatPart {
  StridedCopy copy;
  int input = 0;
  int output = 0;
};
using ConcatParts = std::vector<ConcatPart>;

// The copies that a node of the op makes. REQUIRES: the value of the axis,
// where that is an input.
absl::StatusOr<ConcatParts> PartsOfConcat(const PrepareContext& c);
absl::StatusOr<ConcatParts> PartsOfPack(const PrepareContext& c);
absl::StatusOr<ConcatParts> PartsOfUnpack(const PrepareContext& c);
// The first input is the axis, the second what is split into equal parts.
absl::StatusOr<ConcatParts> PartsOfSplit(const PrepareContext& c);
// Input 0 is split along the axis in input 2; the outputs say how.
absl::StatusOr<ConcatParts> PartsOfSplitV(const PrepareContext& c);

template <typename Device, typename T>
absl::Status CopyParts(RunContext& c, const ConcatParts& parts) {
  for (const ConcatPart& part : parts) {
    TRELLIS_RETURN_IF_ERROR(RunStridedCopy<Device>(
        c, part.copy, c.input<T>(part.input), c.output<T>(part.output)));
  }
  return absl::OkStatus();
}

template <typename Device, typename T, auto parts_of>
class ConcatPartsKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    TRELLIS_ASSIGN_OR_RETURN(parts_, parts_of(c));
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    return CopyParts<Device, T>(c, parts_);
  }

 private:
  ConcatParts parts_;
};

template <typename Device, typename T>
using ConcatKernel = ConcatPartsKernel<Device, T, PartsOfConcat>;
template <typename Device, typename T>
using PackKernel = ConcatPartsKernel<Device, T, PartsOfPack>;
template <typename Device, typename T>
using UnpackKernel = ConcatPartsKernel<Device, T, PartsOfUnpack>;
template <typename Device, typename T>
using SplitKernel = ConcatPartsKernel<Device, T, PartsOfSplit>;
template <typename Device, typename T>
using SplitVKernel = ConcatPartsKernel<Device, T, PartsOfSplitV>;

// ConcatOffset, on the host: input 0 is the axis, the others are shapes.
class ConcatOffsetKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    num_shapes_ = c.num_inputs() - 1;
    rank_ = static_cast<int>(c.input_shape(1).dim(0));
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override;

 private:
  int num_shapes_ = 0;
  int rank_ = 0;
};

// ---- registration

template <typename Device>
void AddConcatKernels(KernelRegistry& r, absl::string_view device) {
  AddMover<ConcatKernel, Device>(r, "ConcatV2", device, {.value_inputs = {1}});
  AddMover<PackKernel, Device>(r, "Pack", device);
  AddMover<UnpackKernel, Device>(r, "Unpack", device);
  AddMover<SplitKernel, Device>(r, "Split", device, {.value_inputs = {0}});
  AddMover<SplitVKernel, Device>(r, "SplitV", device, {.value_inputs = {1, 2}});
  r.Add<ConcatOffsetKernel>("ConcatOffset", device, kInvalid,
                            {.host_inputs = {0, 1}, .host_outputs = {0}});
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_CONCAT_H_
