#include "trellis/runtime/tensor_copier.h"

#include <cstring>

#include "trellis/base/status_macros.h"

namespace trellis {
namespace {

// Copies are part of no step of a plan.
constexpr int kNoStep = -1;

bool IsInHostMemory(const Device& device, const Tensor& value) {
  return device.is_host() || DTypeSize(value.dtype()) == 0;
}

absl::StatusOr<Tensor> CopyInHost(const Tensor& value) {
  if (DTypeSize(value.dtype()) == 0) return value.Clone();
  TRELLIS_ASSIGN_OR_RETURN(Tensor copy,
                           Tensor::Allocate(value.dtype(), value.shape()));
  if (value.bytes() > 0) {
    std::memcpy(copy.data(), value.data(), value.bytes());
  }
  return copy;
}

}  // namespace

Stream& TensorCopier::StreamOf(Device& device) {
  std::unique_ptr<Stream>& stream = streams_[&device];
  if (stream == nullptr) stream = device.NewStream();
  return *stream;
}

absl::StatusOr<Tensor> TensorCopier::ToHost(Device& device,
                                            const Tensor& value) {
  if (IsInHostMemory(device, value)) return CopyInHost(value);
  TRELLIS_ASSIGN_OR_RETURN(Tensor copy,
                           Tensor::Allocate(value.dtype(), value.shape()));
  if (value.bytes() == 0) return copy;
  Stream& stream = StreamOf(device);
  TRELLIS_RETURN_IF_ERROR(device.CopyToHost(stream, kNoStep, copy.data(),
                                            value.data(), value.bytes()));
  TRELLIS_RETURN_IF_ERROR(stream.WaitFor(stream.Record()));
  return copy;
}

absl::StatusOr<Tensor> TensorCopier::FromHost(Device& device,
                                              const Tensor& value) {
  if (IsInHostMemory(device, value)) return CopyInHost(value);
  TRELLIS_ASSIGN_OR_RETURN(
      std::shared_ptr<Buffer> buffer,
      device.Allocate(value.bytes(), "a copy of a tensor"));
  const Tensor copy(value.dtype(), value.shape(), std::move(buffer));
  if (value.bytes() == 0) return copy;
  Stream& stream = StreamOf(device);
  TRELLIS_RETURN_IF_ERROR(device.CopyFromHost(stream, kNoStep, copy.data(),
                                              value.data(), value.bytes()));
  TRELLIS_RETURN_IF_ERROR(stream.WaitFor(stream.Record()));
  return copy;
}

}  // namespace trellis
