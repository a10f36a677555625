// Reductions along axes.
//
// The axes fall into groups of neighbours that are all reduced or all kept. One
// pass reduces one group, seen as the middle of [outer, n, inner]; the passes
// go from the last group to the first, through scratch memory.
//
// Long reductions are cut into parts, and every sum is made of sums of blocks,
// so that rounding errors grow with n / 128 + 128 and not with n. Parts, blocks
// and the order in which they meet depend on shapes alone.
#ifndef TRELLIS_KERNELS_REDUCE_H_
#define TRELLIS_KERNELS_REDUCE_H_

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/tensor.h"
#include "trellis/kernels/host_device.h"
#include "trellis/kernels/reduce_fn.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

// ---- one pass

// [outer, n, inner] -> [outer, inner], in `parts` parts of part_length of the
// middle axis each, and in `strips` of strip_width of the last.
struct ReducePass {
  static constexpr int64_t kMaxStrip = 512;

  int64_t outer = 1;
  int64_t n = 1;
  int64_t inner = 1;

  int64_t part_length = 1;
  int64_t parts = 1;
  int64_t strip_width = 1;
  int64_t strips = 1;
  // Where the pass puts its result in scratch memory, and the partial results
  // before it, in elements; result < 0: into the output.
  int64_t result = -1;
  int64_t partial = 0;

  // The elements that a tile reads.
  int64_t TileCost() const { return part_length * strip_width; }
};

// The passes of a reduction, first to last; at least one, which may only copy.
struct ReducePlan {
  std::vector<ReducePass> passes;
  int64_t scratch_elements = 0;
  int64_t reduced = 1;  // elements for each one of the result
};

// REQUIRES: a fully defined shape and one flag for each of its axes.
ReducePlan PlanReduction(const Shape& shape, const std::vector<bool>& reduced);

// The flags for axes given as an int32 or int64 tensor; they may be negative
// and are in range.
std::vector<bool> ReducedAxes(const Tensor& axes, int rank);

// Reduces parts of a pass; item i is (outer, part, strip). With `mapped`,
// elements go through Map.
template <typename R, bool mapped>
struct ReduceParts {
  using T = typename R::Element;
  static constexpr int64_t kBlock = 128;  // elements that are added in a row
  static constexpr int64_t kLanes = 16;

  const T* x;  // [outer, n, inner]
  T* y;        // [outer, parts, inner]
  const ReducePass* pass;

  TRELLIS_HOST_DEVICE void operator()(int64_t begin, int64_t end) const {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t strip = i % pass->strips;
      const int64_t part = i / pass->strips % pass->parts;
      const int64_t outer = i / pass->strips / pass->parts;
      const int64_t first = part * pass->part_length;
      const int64_t length = std::min(pass->part_length, pass->n - first);
      const int64_t column = strip * pass->strip_width;
      const int64_t width = std::min(pass->strip_width, pass->inner - column);
      const T* from = x + (outer * pass->n + first) * pass->inner + column;
      T* to = y + (outer * pass->parts + part) * pass->inner + column;
      if (pass->inner == 1) {
        *to = ReduceRun(from, length);
      } else {
        ReduceColumns(from, length, width, to);
      }
    }
  }

 private:
  TRELLIS_HOST_DEVICE static T MapOf(T x) {
    if constexpr (mapped) {
      return R::Map(x);
    } else {
      return x;
    }
  }

  // Of consecutive elements.
  TRELLIS_HOST_DEVICE static T ReduceRun(const T* x, int64_t n) {
    T total[kLanes];
    std::fill_n(total, kLanes, R::Start());
    int64_t i = 0;
    while (n - i >= kLanes) {
      T block[kLanes];
      std::fill_n(block, kLanes, R::Start());
      const int64_t stop = std::min(n - kLanes + 1, i + kBlock * kLanes);
      for (; i < stop; i += kLanes) {
        for (int64_t l = 0; l < kLanes; ++l) {
          block[l] = R::Combine(block[l], MapOf(x[i + l]));
        }
      }
      for (int64_t l = 0; l < kLanes; ++l) {
        total[l] = R::Combine(total[l], block[l]);
      }
    }
    for (int64_t l = 0; i < n; ++i, ++l) {
      total[l] = R::Combine(total[l], MapOf(x[i]));
    }
    for (int64_t half = kLanes / 2; half > 0; half /= 2) {
      for (int64_t l = 0; l < half; ++l) {
        total[l] = R::Combine(total[l], total[l + half]);
      }
    }
    return total[0];
  }

  // Of `width` columns of a matrix whose rows are pass->inner long.
  TRELLIS_HOST_DEVICE void ReduceColumns(const T* x, int64_t n, int64_t width,
                                         T* y) const {
    std::fill_n(y, width, R::Start());
    T block[ReducePass::kMaxStrip];
    for (int64_t i = 0; i < n;) {
      std::fill_n(block, width, R::Start());
      for (const int64_t stop = std::min(n, i + kBlock); i < stop; ++i) {
        const T* row = x + i * pass->inner;
        for (int64_t k = 0; k < width; ++k) {
          block[k] = R::Combine(block[k], MapOf(row[k]));
        }
      }
      for (int64_t k = 0; k < width; ++k) y[k] = R::Combine(y[k], block[k]);
    }
  }
};

// ---- kernels

template <typename Device, typename R, typename Last = AsIs>
class ReduceKernel : public Kernel {
  using T = typename R::Element;

 public:
  absl::Status Prepare(PrepareContext& c) override {
    return PrepareAxes(c,
                       ReducedAxes(*c.input_value(1), c.input_shape(0).rank()));
  }

  absl::Status Run(RunContext& c) const override {
    if (outputs_ == 0) return absl::OkStatus();
    constexpr bool kMaps = requires { R::Map(T{}); };
    const T* x = c.input<T>(0);
    for (size_t i = 0; i < plan_.passes.size(); ++i) {
      const ReducePass& pass = plan_.passes[i];
      T* y = pass.result < 0 ? c.output<T>(0)
                             : static_cast<T*>(c.scratch()) + pass.result;
      TRELLIS_RETURN_IF_ERROR(i == 0 ? RunPass<kMaps>(c, pass, x, y)
                                     : RunPass<false>(c, pass, x, y));
      x = y;
    }
    if constexpr (std::is_same_v<Last, AsIs>) return absl::OkStatus();
    return Device::ForEach(c, outputs_,
                           FinishEach{c.output<T>(0), plan_.reduced});
  }

 protected:
  absl::Status PrepareAxes(PrepareContext& c,
                           const std::vector<bool>& reduced) {
    outputs_ = c.output_shape(0).num_elements();
    plan_ = PlanReduction(c.input_shape(0), reduced);
    c.RequestScratch(plan_.scratch_elements * sizeof(T));
    return absl::OkStatus();
  }

 private:
  template <bool mapped>
  absl::Status RunPass(RunContext& c, const ReducePass& pass, const T* x,
                       T* y) const {
    const int64_t tiles = pass.outer * pass.parts * pass.strips;
    const int64_t grain = Device::Grain(pass.TileCost());
    if (pass.parts == 1) {
      return Device::ForRanges(c, tiles, grain,
                               ReduceParts<R, mapped>{x, y, &pass});
    }
    T* partial = static_cast<T*>(c.scratch()) + pass.partial;
    TRELLIS_RETURN_IF_ERROR(Device::ForRanges(
        c, tiles, grain, ReduceParts<R, mapped>{x, partial, &pass}));
    return Device::ForEach(c, pass.outer * pass.inner,
                           CombineParts{partial, y, pass.parts, pass.inner},
                           pass.parts);
  }

  struct CombineParts {
    const T* x;  // [outer, parts, inner]
    T* y;        // [outer, inner]
    int64_t parts;
    int64_t inner;
    TRELLIS_HOST_DEVICE void operator()(int64_t i) const {
      const T* part = x + i / inner * parts * inner + i % inner;
      T total = part[0];
      for (int64_t p = 1; p < parts; ++p) {
        total = R::Combine(total, part[p * inner]);
      }
      y[i] = total;
    }
  };

  struct FinishEach {
    T* y;
    int64_t n;
    TRELLIS_HOST_DEVICE void operator()(int64_t i) const {
      y[i] = Last::Finish(y[i], n);
    }
  };

  ReducePlan plan_;
  int64_t outputs_ = 0;  // number of elements of the output
};

// Of all elements, to a scalar.
template <typename Device, typename R, typename Last>
class ReduceAllKernel final : public ReduceKernel<Device, R, Last> {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    return this->PrepareAxes(c,
                             std::vector<bool>(c.input_shape(0).rank(), true));
  }
};

// ---- registration

// Those of all numbers.
template <typename Device, typename T>
void AddReduceKernels(KernelRegistry& r, absl::string_view device) {
  constexpr DType type = DTypeOf<T>;
  const KernelOptions axes = {.value_inputs = {1}};
  r.Add<ReduceKernel<Device, MaxReducer<T>>>("Max", device, type, axes);
  r.Add<ReduceKernel<Device, SumReducer<T>, DividedByCount>>("Mean", device,
                                                             type, axes);
  r.Add<ReduceKernel<Device, MinReducer<T>>>("Min", device, type, axes);
  r.Add<ReduceKernel<Device, ProdReducer<T>>>("Prod", device, type, axes);
  r.Add<ReduceKernel<Device, SumReducer<T>>>("Sum", device, type, axes);
}

template <typename Device, typename T>
void AddL2LossKernel(KernelRegistry& r, absl::string_view device) {
  r.Add<ReduceAllKernel<Device, SumOfSquaresReducer<T>, Half>>("L2Loss", device,
                                                               DTypeOf<T>);
}

template <typename Device>
void AddLogicalReduceKernels(KernelRegistry& r, absl::string_view device) {
  const KernelOptions axes = {.value_inputs = {1}};
  r.Add<ReduceKernel<Device, AllReducer>>("All", device, kInvalid, axes);
  r.Add<ReduceKernel<Device, AnyReducer>>("Any", device, kInvalid, axes);
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_REDUCE_H_
