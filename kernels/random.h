// RandomUniform, RandomUniformInt, RandomStandardNormal and TruncatedNormal,
// with TensorFlow's layout of samples: element i of a result is a function of
// the node's state and i alone, so tiles skip ahead to their blocks.
#ifndef TRELLIS_KERNELS_RANDOM_H_
#define TRELLIS_KERNELS_RANDOM_H_

#include <cstdint>
#include <random>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "trellis/base/status_macros.h"
#include "trellis/kernels/philox.h"
#include "trellis/kernels/random_fn.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"
#include "trellis/runtime/kernel/variable_state.h"

namespace trellis {

// The counter of a random node, with its seeds.
class RandomCounter {
 public:
  void Prepare(const PrepareContext& c) {
    seed_ = static_cast<uint64_t>(c.attr<int64_t>("seed"));
    seed2_ = static_cast<uint64_t>(c.attr<int64_t>("seed2"));
  }

  // The state for a run that makes n elements; the counter moves on past it. At
  // first use it starts where the seeds say; two seeds of 0 mean anywhere.
  PhiloxState Reserve(VariableState& counter, int64_t n) const {
    const absl::Span<uint64_t> words = counter.value.flat<uint64_t>();
    PhiloxState state{words[0], words[1], words[2]};
    if (!counter.initialized) {
      state = seed_ == 0 && seed2_ == 0
                  ? PhiloxState::OfSeeds(AnyNumber(), AnyNumber())
                  : PhiloxState::OfSeeds(seed_, seed2_);
      counter.initialized = true;
    }
    PhiloxState next = state;
    next.Skip(static_cast<uint64_t>(n) * kBlocksPerElement);
    words[0] = next.key;
    words[1] = next.counter_low;
    words[2] = next.counter_high;
    counter.version.fetch_add(1, std::memory_order_relaxed);
    return state;
  }

 private:
  static constexpr uint64_t kBlocksPerElement = 256;

  static uint64_t AnyNumber() {
    std::random_device device;
    return uint64_t{device()} << 32 | device();
  }

  uint64_t seed_ = 0;
  uint64_t seed2_ = 0;
};

// How many groups make a tile.
inline constexpr int64_t kRandomGrain = 512;

template <typename Device, typename T, typename Distribution>
absl::Status FillRandom(RunContext& c, const Distribution& distribution,
                        const PhiloxState& state, int64_t n, T* y) {
  const int64_t groups = (n + kGroupSize<T> - 1) / kGroupSize<T>;
  return Device::ForRanges(
      c, groups, kRandomGrain,
      RandomFn<T, Distribution>{distribution, state, n, y});
}

template <typename Device, typename T, template <typename> class DistributionOf>
class RandomKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.output_shape(0).num_elements();
    counter_.Prepare(c);
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    return FillRandom<Device>(c, DistributionOf<T>(),
                              counter_.Reserve(c.random_state(), n_), n_,
                              c.output<T>(0));
  }

 private:
  int64_t n_ = 0;
  RandomCounter counter_;
};

// REQUIRES of the registration: minval and maxval in host memory.
// Errors: InvalidArgument if they span nothing.
template <typename Device, typename T>
class RandomUniformIntKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.output_shape(0).num_elements();
    counter_.Prepare(c);
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    using Unsigned = std::make_unsigned_t<T>;
    const T low = *c.input<T>(1), high = *c.input<T>(2);
    if (low >= high) {
      return absl::InvalidArgumentError(absl::StrCat(
          "minval is ", low, ", maxval ", high, ": must be smaller"));
    }
    return FillRandom<Device>(
        c,
        UniformIntDistribution<T>{
            low, static_cast<Unsigned>(static_cast<Unsigned>(high) -
                                       static_cast<Unsigned>(low))},
        counter_.Reserve(c.random_state(), n_), n_, c.output<T>(0));
  }

 private:
  int64_t n_ = 0;
  RandomCounter counter_;
};

// ---- registration

template <typename Device, typename T>
void AddRandomKernels(KernelRegistry& r, absl::string_view device) {
  constexpr DType dtype = DTypeOf<T>;
  const KernelOptions shape = {.host_inputs = {0}};
  r.Add<RandomKernel<Device, T, UniformDistribution>>("RandomUniform", device,
                                                      dtype, shape);
  r.Add<RandomKernel<Device, T, NormalDistribution>>("RandomStandardNormal",
                                                     device, dtype, shape);
  r.Add<RandomKernel<Device, T, TruncatedNormalDistribution>>(
      "TruncatedNormal", device, dtype, shape);
}

template <typename Device>
void AddRandomKernels(KernelRegistry& r, absl::string_view device) {
  AddRandomKernels<Device, float>(r, device);
  AddRandomKernels<Device, double>(r, device);
  const KernelOptions options = {.host_inputs = {0, 1, 2}};
  r.Add<RandomUniformIntKernel<Device, int32_t>>("RandomUniformInt", device,
                                                 kInt32, options);
  r.Add<RandomUniformIntKernel<Device, int64_t>>("RandomUniformInt", device,
                                                 kInt64, options);
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_RANDOM_H_
