// Kernels by op, device type and data types.
//
//   registry.Add<CrossKernel<Cpu, float>>("Cross", kCpu, kFloat32);
#ifndef TRELLIS_RUNTIME_KERNEL_KERNEL_REGISTRY_H_
#define TRELLIS_RUNTIME_KERNEL_KERNEL_REGISTRY_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/graph.h"
#include "trellis/runtime/kernel/kernel.h"

namespace trellis {

// Device types, spelled as in device names ("/device:CPU:0").
inline constexpr absl::string_view kCpu = "CPU";
inline constexpr absl::string_view kGpu = "GPU";

struct KernelOptions {
  // Data types of further attributes: {{"Tidx", kInt32}}. An attribute that is
  // not named here may be anything the op allows.
  std::vector<std::pair<std::string, DType>> types = {};
  // Input and output arguments (schema indices) that are in host memory
  // whatever the device.
  std::vector<int> host_inputs = {};
  std::vector<int> host_outputs = {};
  // Input arguments whose values Prepare asks for (axes, sizes): in host
  // memory; where they are no constants, the step is dynamic.
  std::vector<int> value_inputs = {};
};

struct KernelEntry {
  std::string op;
  std::string device_type;
  // Of the op's first attribute of kind "type"; kInvalid: any.
  DType dtype = kInvalid;
  KernelOptions options;
  std::function<std::unique_ptr<Kernel>()> make;
};

// Fill it, then share it: const access from many threads is safe.
class KernelRegistry {
 public:
  KernelRegistry() = default;
  KernelRegistry(const KernelRegistry&) = delete;
  KernelRegistry& operator=(const KernelRegistry&) = delete;

  template <typename K>
  void Add(absl::string_view op, absl::string_view device_type, DType dtype) {
    AddMaker(op, device_type, dtype, Make<K>);
  }
  template <typename K>
  void Add(absl::string_view op, absl::string_view device_type, DType dtype,
           const KernelOptions& options) {
    AddMaker(op, device_type, dtype, Make<K>, &options);
  }
  void AddEntry(KernelEntry entry);

  // The entry whose types match the node's attributes; the one that names more
  // types if several do. nullptr if there is none. Lives as long as the
  // registry.
  const KernelEntry* Find(const Node& node,
                          absl::string_view device_type) const;
  // Every entry of an op, in the order of Add.
  std::vector<const KernelEntry*> EntriesOf(absl::string_view op) const;
  std::vector<const KernelEntry*> entries() const;

 private:
  template <typename K>
  static std::unique_ptr<Kernel> Make() {
    return std::make_unique<K>();
  }
  // The part of Add that is the same for all kernels, compiled once.
  void AddMaker(absl::string_view op, absl::string_view device_type,
                DType dtype, std::unique_ptr<Kernel> (*make)(),
                const KernelOptions* options = nullptr);

  absl::flat_hash_map<std::string, std::vector<std::unique_ptr<KernelEntry>>>
      by_op_;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_KERNEL_KERNEL_REGISTRY_H_
