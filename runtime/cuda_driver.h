// What the runtime calls of the CUDA driver, as a table of functions: libcuda's
// (cuda_libcuda.h), or a fake's in tests, which have no GPU.
//
// Addresses and handles are the driver's own. All functions are thread-safe
// and return errors as CudaError makes them.
#ifndef TRELLIS_RUNTIME_CUDA_DRIVER_H_
#define TRELLIS_RUNTIME_CUDA_DRIVER_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace trellis {

// A CUstream, a CUevent, a CUgraph and a CUgraphExec.
using CudaStreamHandle = void*;
using CudaEventHandle = void*;
using CudaGraphHandle = void*;
using CudaGraphExecHandle = void*;

struct CudaDeviceInfo {
  std::string name;          // "NVIDIA H100 80GB HBM3"
  int major = 0, minor = 0;  // compute capability
  int multiprocessors = 0;
  size_t memory_bytes = 0;
};

// The driver's state of one GPU for this process, while the object lives. It
// takes some hundred megabytes of the GPU's memory: make it where it is used.
// What was made with it must be given back before it goes.
class CudaContext {
 public:
  virtual ~CudaContext() = default;

  // From now on the calling thread's launches (of the runtime library) are
  // this GPU's.
  virtual absl::Status MakeCurrent() = 0;

  // ---- memory

  struct MemoryInfo {
    size_t free = 0, total = 0;
  };
  virtual absl::StatusOr<MemoryInfo> GetMemoryInfo() = 0;
  // Of the GPU, 256-byte aligned. REQUIRES: bytes > 0.
  virtual absl::StatusOr<void*> Allocate(size_t bytes) = 0;
  virtual absl::Status Free(void* address) = 0;
  // Of the host, in pages that stay where they are: what the GPU copies from
  // and to while the host goes on.
  virtual absl::StatusOr<void*> AllocatePinned(size_t bytes) = 0;
  virtual absl::Status FreePinned(void* address) = 0;

  // ---- queues

  // Independent of every other, the legacy default stream too.
  virtual absl::StatusOr<CudaStreamHandle> CreateStream() = 0;
  // What is enqueued is done first.
  virtual absl::Status DestroyStream(CudaStreamHandle stream) = 0;
  virtual absl::StatusOr<CudaEventHandle> CreateEvent() = 0;
  virtual absl::Status DestroyEvent(CudaEventHandle event) = 0;
  // The event stands for all that the stream has been given so far.
  virtual absl::Status Record(CudaEventHandle event,
                              CudaStreamHandle stream) = 0;
  // What the stream is given from now on happens after the event.
  virtual absl::Status Wait(CudaStreamHandle stream, CudaEventHandle event) = 0;
  // Until the event has happened.
  virtual absl::Status Synchronize(CudaEventHandle event) = 0;

  // ---- enqueued work. The host's memory of a copy must stay until it is done;
  // where it is not pinned, CopyToHost returns only then.

  virtual absl::Status CopyFromHost(void* dst, const void* src, size_t bytes,
                                    CudaStreamHandle stream) = 0;
  virtual absl::Status CopyToHost(void* dst, const void* src, size_t bytes,
                                  CudaStreamHandle stream) = 0;
  virtual absl::Status CopyOnDevice(void* dst, const void* src, size_t bytes,
                                    CudaStreamHandle stream) = 0;
  virtual absl::Status Fill(void* dst, unsigned char value, size_t bytes,
                            CudaStreamHandle stream) = 0;

  // ---- graphs: work that is enqueued once and done many times

  // From now on what the stream is given is kept as a graph and not done.
  // Until EndCapture the calling thread's calls that wait or take memory fail,
  // and with them the capture.
  virtual absl::Status BeginCapture(CudaStreamHandle stream) = 0;
  virtual absl::StatusOr<CudaGraphHandle> EndCapture(
      CudaStreamHandle stream) = 0;
  virtual absl::Status DestroyGraph(CudaGraphHandle graph) = 0;
  // Ready to be launched; does not need the graph any more.
  virtual absl::StatusOr<CudaGraphExecHandle> Instantiate(
      CudaGraphHandle graph) = 0;
  // Gives it another graph's arguments. An error where the graphs differ in
  // more than that; it is then of no use any more.
  virtual absl::Status UpdateExec(CudaGraphExecHandle exec,
                                  CudaGraphHandle graph) = 0;
  virtual absl::Status Launch(CudaGraphExecHandle exec,
                              CudaStreamHandle stream) = 0;
  // REQUIRES: no launch of it is under way.
  virtual absl::Status DestroyExec(CudaGraphExecHandle exec) = 0;
};

class CudaDriver {
 public:
  virtual ~CudaDriver() = default;

  // The GPUs that the process may use: CUDA_VISIBLE_DEVICES, which the driver
  // reads, hides the others and orders these.
  virtual absl::StatusOr<int> CountDevices() = 0;
  // Needs no context. REQUIRES: 0 <= device < CountDevices().
  virtual absl::StatusOr<CudaDeviceInfo> Describe(int device) = 0;
  virtual absl::StatusOr<std::unique_ptr<CudaContext>> MakeContext(
      int device) = 0;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_CUDA_DRIVER_H_
