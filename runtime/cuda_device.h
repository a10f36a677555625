// GPUs as devices of a session: "/device:GPU:0", ...
//
// Life of a run on one: the run leases an arena (memory of CudaAllocator) and a
// CudaQueue; feeds are copied in, kernels launched and fetches copied out, all
// enqueued by the thread that called Run; it waits where the host needs a value
// and at the end, and an error that turns up there ends the run.
#ifndef TRELLIS_RUNTIME_CUDA_DEVICE_H_
#define TRELLIS_RUNTIME_CUDA_DEVICE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/base/mutex.h"
#include "trellis/runtime/cuda_driver.h"
#include "trellis/runtime/cuda_queue.h"
#include "trellis/runtime/device.h"

namespace trellis {

// The oldest GPUs that this build has code for: 80 is compute capability 8.0.
// 0 for a build without CUDA.
int OldestCudaArchitecture();

// Of one session. The GPU is opened (its context made) when memory or a queue
// is first asked for; what a session does not use costs nothing. Buffers and
// queues may outlive the device.
class CudaDevice final : public Device {
 public:
  // GPU `ordinal` of `driver`, which outlives the device, as "GPU:<index>".
  // `memory_limit` as in GpuOptions.
  CudaDevice(CudaDriver& driver, int ordinal, CudaDeviceInfo info, int index,
             size_t memory_limit);

  const CudaDeviceInfo& info() const { return info_; }
  bool is_open() const;

  bool is_host() const override { return false; }
  // "NVIDIA H100 80GB HBM3, compute capability 9.0, 132 multiprocessors, 79.1
  // GiB".
  std::string description() const override;
  absl::StatusOr<std::shared_ptr<Buffer>> Allocate(
      size_t bytes, absl::string_view owner) override;
  void Trim() override;
  std::unique_ptr<Stream> NewStream() override;
  absl::Status CopyFromHost(Stream& stream, int step, void* dst,
                            const void* src, size_t bytes) override;
  absl::Status CopyToHost(Stream& stream, int step, void* dst, const void* src,
                          size_t bytes) override;
  absl::Status CopyOnDevice(Stream& stream, int step, void* dst,
                            const void* src, size_t bytes) override;

 private:
  absl::StatusOr<std::shared_ptr<CudaDeviceState>> Open();

  CudaDriver& driver_;
  const int ordinal_;
  const CudaDeviceInfo info_;
  const size_t memory_limit_;
  mutable Mutex mutex_;
  std::shared_ptr<CudaDeviceState> state_;  // guarded by mutex_
};

// One device for each GPU that the session's options leave and that this build
// has code for; none, and why, where there is no driver or no GPU. A session's
// `visible` that names a GPU that is not there, twice, or too old is
// InvalidArgument.
void RegisterCudaDevices(DeviceRegistry& registry);
// The same over another driver, which outlives the registry and its devices,
// for GPUs of the given architecture and newer.
void RegisterCudaDevices(DeviceRegistry& registry, CudaDriver& driver,
                         int oldest_architecture);

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_CUDA_DEVICE_H_
