// Whole tensors between devices and the host, one at a time, outside of plans:
// for checkpoints, not for runs.
#ifndef TRELLIS_RUNTIME_TENSOR_COPIER_H_
#define TRELLIS_RUNTIME_TENSOR_COPIER_H_

#include <map>
#include <memory>

#include "absl/status/statusor.h"
#include "trellis/graph/tensor.h"
#include "trellis/runtime/device.h"

namespace trellis {

// For one thread. Keeps a stream for each asynchronous device it has met; the
// devices must outlive it.
class TensorCopier {
 public:
  // A tensor with memory of its own in the host, or in the device, complete
  // when the call returns. Strings stay in the host's memory wherever their
  // device is. Errors: memory that cannot be had, and the device's.
  absl::StatusOr<Tensor> ToHost(Device& device, const Tensor& value);
  absl::StatusOr<Tensor> FromHost(Device& device, const Tensor& value);

 private:
  Stream& StreamOf(Device& device);

  std::map<Device*, std::unique_ptr<Stream>> streams_;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_TENSOR_COPIER_H_
