#include "trellis/runtime/cuda_libcuda.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/runtime/kernel/cuda_error.h"
#include "trellis/runtime/kernel/cuda_libraries.h"

namespace trellis {
namespace {

// The driver's functions under the names that its library has them by, which
// cuda.h hides behind macros. That header is not needed: these types are part
// of the driver's binary interface. Handles are pointers, devices and
// enumerations int, addresses of the GPU as large as the host's.
#define TRELLIS_CUDA_DRIVER_FUNCTIONS(X)                            \
  X(cuInit, unsigned)                                               \
  X(cuDeviceGet, int*, int)                                         \
  X(cuDeviceGetCount, int*)                                         \
  X(cuDeviceGetName, char*, int, int)                               \
  X(cuDeviceGetAttribute, int*, int, int)                           \
  X(cuDeviceTotalMem_v2, size_t*, int)                              \
  X(cuDevicePrimaryCtxRetain, void**, int)                          \
  X(cuDevicePrimaryCtxRelease_v2, int)                              \
  X(cuCtxSetCurrent, void*)                                         \
  X(cuMemGetInfo_v2, size_t*, size_t*)                              \
  X(cuMemAlloc_v2, uintptr_t*, size_t)                              \
  X(cuMemFree_v2, uintptr_t)                                        \
  X(cuMemHostAlloc, void**, size_t, unsigned)                       \
  X(cuMemFreeHost, void*)                                           \
  X(cuStreamCreate, void**, unsigned)                               \
  X(cuStreamDestroy_v2, void*)                                      \
  X(cuStreamSynchronize, void*)                                     \
  X(cuStreamWaitEvent, void*, void*, unsigned)                      \
  X(cuEventCreate, void**, unsigned)                                \
  X(cuEventDestroy_v2, void*)                                       \
  X(cuEventRecord, void*, void*)                                    \
  X(cuEventSynchronize, void*)                                      \
  X(cuMemcpyHtoDAsync_v2, uintptr_t, const void*, size_t, void*)    \
  X(cuMemcpyDtoHAsync_v2, void*, uintptr_t, size_t, void*)          \
  X(cuMemcpyDtoDAsync_v2, uintptr_t, uintptr_t, size_t, void*)      \
  X(cuMemsetD8Async, uintptr_t, unsigned char, size_t, void*)       \
  X(cuStreamBeginCapture_v2, void*, int)                            \
  X(cuStreamEndCapture, void*, void**)                              \
  X(cuGraphInstantiateWithFlags, void**, void*, unsigned long long) \
  X(cuGraphExecUpdate_v2, void*, void*, UpdateResult*)              \
  X(cuGraphLaunch, void*, void*)                                    \
  X(cuGraphExecDestroy, void*)                                      \
  X(cuGraphDestroy, void*)

// CUgraphExecUpdateResultInfo: why an update failed.
struct UpdateResult {
  int result;
  void* error_node;
  void* error_from_node;
};

struct Functions {
#define TRELLIS_DECLARE(f, ...) int (*f)(__VA_ARGS__) = nullptr;
  TRELLIS_CUDA_DRIVER_FUNCTIONS(TRELLIS_DECLARE)
#undef TRELLIS_DECLARE
};

// Enumerators of cuda.h.
constexpr unsigned kNonBlockingStream = 1;
constexpr unsigned kEventWithoutTime = 2;
constexpr int kThreadLocalCapture = 1;
constexpr int kMultiprocessorCount = 16;
constexpr int kCapabilityMajor = 75;
constexpr int kCapabilityMinor = 76;

absl::StatusOr<Functions> LoadFunctions() {
  const SharedLibrary& library = LoadCudaLibrary(CudaLibrary::kDriver);
  TRELLIS_RETURN_IF_ERROR(library.status());
  Functions table;
#define TRELLIS_LOAD(f, ...)                                               \
  table.f = library.Function<int(__VA_ARGS__)>(#f);                        \
  if (table.f == nullptr) {                                                \
    return absl::FailedPreconditionError(absl::StrCat(                     \
        library.path(),                                                    \
        " has no function " #f ": the driver is too old for this build")); \
  }
  TRELLIS_CUDA_DRIVER_FUNCTIONS(TRELLIS_LOAD)
#undef TRELLIS_LOAD
  return table;
}

uintptr_t Address(const void* address) {
  return reinterpret_cast<uintptr_t>(address);
}

#define TRELLIS_CUDA_CALL(f, ...) CudaError(functions_.f(__VA_ARGS__), #f)

// The device's primary context, which the runtime library uses, too.
class PrimaryContext final : public CudaContext {
 public:
  PrimaryContext(const Functions& functions, int device, void* context)
      : functions_(functions), device_(device), context_(context) {}
  ~PrimaryContext() override {
    functions_.cuDevicePrimaryCtxRelease_v2(device_);
  }

  absl::Status MakeCurrent() override {
    return TRELLIS_CUDA_CALL(cuCtxSetCurrent, context_);
  }

  absl::StatusOr<MemoryInfo> GetMemoryInfo() override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    MemoryInfo info;
    TRELLIS_RETURN_IF_ERROR(
        TRELLIS_CUDA_CALL(cuMemGetInfo_v2, &info.free, &info.total));
    return info;
  }

  absl::StatusOr<void*> Allocate(size_t bytes) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    uintptr_t address = 0;
    TRELLIS_RETURN_IF_ERROR(TRELLIS_CUDA_CALL(cuMemAlloc_v2, &address, bytes));
    return reinterpret_cast<void*>(address);
  }

  absl::Status Free(void* address) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    return TRELLIS_CUDA_CALL(cuMemFree_v2, Address(address));
  }

  absl::StatusOr<void*> AllocatePinned(size_t bytes) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    void* address = nullptr;
    TRELLIS_RETURN_IF_ERROR(
        TRELLIS_CUDA_CALL(cuMemHostAlloc, &address, bytes, 0));
    return address;
  }

  absl::Status FreePinned(void* address) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    return TRELLIS_CUDA_CALL(cuMemFreeHost, address);
  }

  absl::StatusOr<CudaStreamHandle> CreateStream() override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    void* stream = nullptr;
    TRELLIS_RETURN_IF_ERROR(
        TRELLIS_CUDA_CALL(cuStreamCreate, &stream, kNonBlockingStream));
    return stream;
  }

  absl::Status DestroyStream(CudaStreamHandle stream) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    absl::Status done = TRELLIS_CUDA_CALL(cuStreamSynchronize, stream);
    done.Update(TRELLIS_CUDA_CALL(cuStreamDestroy_v2, stream));
    return done;
  }

  absl::StatusOr<CudaEventHandle> CreateEvent() override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    void* event = nullptr;
    TRELLIS_RETURN_IF_ERROR(
        TRELLIS_CUDA_CALL(cuEventCreate, &event, kEventWithoutTime));
    return event;
  }

  absl::Status DestroyEvent(CudaEventHandle event) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    return TRELLIS_CUDA_CALL(cuEventDestroy_v2, event);
  }

  absl::Status Record(CudaEventHandle event, CudaStreamHandle stream) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    return TRELLIS_CUDA_CALL(cuEventRecord, event, stream);
  }

  absl::Status Wait(CudaStreamHandle stream, CudaEventHandle event) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    return TRELLIS_CUDA_CALL(cuStreamWaitEvent, stream, event, 0);
  }

  absl::Status Synchronize(CudaEventHandle event) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    return TRELLIS_CUDA_CALL(cuEventSynchronize, event);
  }

  absl::Status CopyFromHost(void* dst, const void* src, size_t bytes,
                            CudaStreamHandle stream) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    return TRELLIS_CUDA_CALL(cuMemcpyHtoDAsync_v2, Address(dst), src, bytes,
                             stream);
  }

  absl::Status CopyToHost(void* dst, const void* src, size_t bytes,
                          CudaStreamHandle stream) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    return TRELLIS_CUDA_CALL(cuMemcpyDtoHAsync_v2, dst, Address(src), bytes,
                             stream);
  }

  absl::Status CopyOnDevice(void* dst, const void* src, size_t bytes,
                            CudaStreamHandle stream) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    return TRELLIS_CUDA_CALL(cuMemcpyDtoDAsync_v2, Address(dst), Address(src),
                             bytes, stream);
  }

  absl::Status Fill(void* dst, unsigned char value, size_t bytes,
                    CudaStreamHandle stream) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    return TRELLIS_CUDA_CALL(cuMemsetD8Async, Address(dst), value, bytes,
                             stream);
  }

  absl::Status BeginCapture(CudaStreamHandle stream) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    return TRELLIS_CUDA_CALL(cuStreamBeginCapture_v2, stream,
                             kThreadLocalCapture);
  }

  absl::StatusOr<CudaGraphHandle> EndCapture(CudaStreamHandle stream) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    void* graph = nullptr;
    TRELLIS_RETURN_IF_ERROR(
        TRELLIS_CUDA_CALL(cuStreamEndCapture, stream, &graph));
    return graph;
  }

  absl::Status DestroyGraph(CudaGraphHandle graph) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    return TRELLIS_CUDA_CALL(cuGraphDestroy, graph);
  }

  absl::StatusOr<CudaGraphExecHandle> Instantiate(
      CudaGraphHandle graph) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    void* exec = nullptr;
    TRELLIS_RETURN_IF_ERROR(
        TRELLIS_CUDA_CALL(cuGraphInstantiateWithFlags, &exec, graph, 0));
    return exec;
  }

  absl::Status UpdateExec(CudaGraphExecHandle exec,
                          CudaGraphHandle graph) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    UpdateResult result = {};
    return TRELLIS_CUDA_CALL(cuGraphExecUpdate_v2, exec, graph, &result);
  }

  absl::Status Launch(CudaGraphExecHandle exec,
                      CudaStreamHandle stream) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    return TRELLIS_CUDA_CALL(cuGraphLaunch, exec, stream);
  }

  absl::Status DestroyExec(CudaGraphExecHandle exec) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    return TRELLIS_CUDA_CALL(cuGraphExecDestroy, exec);
  }

 private:
  const Functions& functions_;
  const int device_;
  void* const context_;
};

class Libcuda final : public CudaDriver {
 public:
  explicit Libcuda(const Functions& functions) : functions_(functions) {}

  absl::Status Init() { return TRELLIS_CUDA_CALL(cuInit, 0); }

  absl::StatusOr<int> CountDevices() override {
    int count = 0;
    TRELLIS_RETURN_IF_ERROR(TRELLIS_CUDA_CALL(cuDeviceGetCount, &count));
    return count;
  }

  absl::StatusOr<CudaDeviceInfo> Describe(int device) override {
    TRELLIS_ASSIGN_OR_RETURN(const int handle, Handle(device));
    CudaDeviceInfo info;
    char name[256] = {};
    TRELLIS_RETURN_IF_ERROR(
        TRELLIS_CUDA_CALL(cuDeviceGetName, name, sizeof(name) - 1, handle));
    info.name = name;
    TRELLIS_RETURN_IF_ERROR(
        TRELLIS_CUDA_CALL(cuDeviceTotalMem_v2, &info.memory_bytes, handle));
    const std::pair<int*, int> attributes[] = {
        {&info.major, kCapabilityMajor},
        {&info.minor, kCapabilityMinor},
        {&info.multiprocessors, kMultiprocessorCount}};
    for (const auto& [value, attribute] : attributes) {
      TRELLIS_RETURN_IF_ERROR(
          TRELLIS_CUDA_CALL(cuDeviceGetAttribute, value, attribute, handle));
    }
    return info;
  }

  absl::StatusOr<std::unique_ptr<CudaContext>> MakeContext(
      int device) override {
    TRELLIS_ASSIGN_OR_RETURN(const int handle, Handle(device));
    void* context = nullptr;
    TRELLIS_RETURN_IF_ERROR(
        TRELLIS_CUDA_CALL(cuDevicePrimaryCtxRetain, &context, handle));
    return std::make_unique<PrimaryContext>(functions_, handle, context);
  }

 private:
  absl::StatusOr<int> Handle(int device) {
    int handle = 0;
    TRELLIS_RETURN_IF_ERROR(TRELLIS_CUDA_CALL(cuDeviceGet, &handle, device));
    return handle;
  }

  const Functions functions_;
};

absl::StatusOr<CudaDriver*> LoadDriver() {
  TRELLIS_ASSIGN_OR_RETURN(const Functions functions, LoadFunctions());
  auto driver = std::make_unique<Libcuda>(functions);
  TRELLIS_RETURN_IF_ERROR(driver->Init());
  return driver.release();
}

}  // namespace

absl::StatusOr<CudaDriver*> SystemCudaDriver() {
  // Never destroyed: sessions in static objects may outlive main.
  static const auto* const kDriver =
      new absl::StatusOr<CudaDriver*>(LoadDriver());
  return *kDriver;
}

}  // namespace trellis
