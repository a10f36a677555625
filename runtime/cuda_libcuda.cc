#include "trellis/runtime/cuda_libcuda.h"

#if TRELLIS_CUDA
#include <cuda.h>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/runtime/kernel/cuda_error.h"
#include "trellis/runtime/kernel/cuda_libraries.h"
#endif

namespace trellis {

#if TRELLIS_CUDA

namespace {

// cuda.h makes cuMemAlloc a macro for cuMemAlloc_v2 and so on; an argument of
// this list is that macro's expansion.
#define TRELLIS_CUDA_DRIVER_FUNCTIONS(X) \
  X(cuInit)                              \
  X(cuDeviceGet)                         \
  X(cuDeviceGetCount)                    \
  X(cuDeviceGetName)                     \
  X(cuDeviceGetAttribute)                \
  X(cuDeviceTotalMem)                    \
  X(cuDevicePrimaryCtxRetain)            \
  X(cuDevicePrimaryCtxRelease)           \
  X(cuCtxSetCurrent)                     \
  X(cuMemGetInfo)                        \
  X(cuMemAlloc)                          \
  X(cuMemFree)                           \
  X(cuMemHostAlloc)                      \
  X(cuMemFreeHost)                       \
  X(cuStreamCreate)                      \
  X(cuStreamDestroy)                     \
  X(cuStreamSynchronize)                 \
  X(cuStreamWaitEvent)                   \
  X(cuEventCreate)                       \
  X(cuEventDestroy)                      \
  X(cuEventRecord)                       \
  X(cuEventSynchronize)                  \
  X(cuMemcpyHtoDAsync)                   \
  X(cuMemcpyDtoHAsync) X(cuMemcpyDtoDAsync) X(cuMemsetD8Async)

#define TRELLIS_TEXT_OF(x) #x
#define TRELLIS_TEXT(x) TRELLIS_TEXT_OF(x)

// Types are the header's, so the compiler checks each call.
struct Functions {
#define TRELLIS_DECLARE(f) decltype(&::f) f = nullptr;
  TRELLIS_CUDA_DRIVER_FUNCTIONS(TRELLIS_DECLARE)
#undef TRELLIS_DECLARE
};

absl::StatusOr<Functions> LoadFunctions() {
  const SharedLibrary& library = LoadCudaLibrary(CudaLibrary::kDriver);
  TRELLIS_RETURN_IF_ERROR(library.status());
  Functions table;
#define TRELLIS_LOAD(f)                                                    \
  table.f = library.Function<std::remove_pointer_t<decltype(&::f)>>(       \
      TRELLIS_TEXT(f));                                                    \
  if (table.f == nullptr) {                                                \
    return absl::FailedPreconditionError(absl::StrCat(                     \
        library.path(), " has no function " TRELLIS_TEXT(                  \
                            f) ": the driver is too old for this build")); \
  }
  TRELLIS_CUDA_DRIVER_FUNCTIONS(TRELLIS_LOAD)
#undef TRELLIS_LOAD
  return table;
}

CUdeviceptr Address(const void* address) {
  return reinterpret_cast<CUdeviceptr>(address);
}
CUstream Stream(CudaStreamHandle stream) {
  return static_cast<CUstream>(stream);
}
CUevent Event(CudaEventHandle event) { return static_cast<CUevent>(event); }

#define TRELLIS_CUDA_CALL(f, ...) CudaError(functions_.f(__VA_ARGS__), #f)

// The device's primary context, which the runtime library uses, too.
class PrimaryContext final : public CudaContext {
 public:
  PrimaryContext(const Functions& functions, CUdevice device, CUcontext context)
      : functions_(functions), device_(device), context_(context) {}
  ~PrimaryContext() override { functions_.cuDevicePrimaryCtxRelease(device_); }

  absl::Status MakeCurrent() override {
    return TRELLIS_CUDA_CALL(cuCtxSetCurrent, context_);
  }

  absl::StatusOr<MemoryInfo> GetMemoryInfo() override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    MemoryInfo info;
    TRELLIS_RETURN_IF_ERROR(
        TRELLIS_CUDA_CALL(cuMemGetInfo, &info.free, &info.total));
    return info;
  }

  absl::StatusOr<void*> Allocate(size_t bytes) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    CUdeviceptr address = 0;
    TRELLIS_RETURN_IF_ERROR(TRELLIS_CUDA_CALL(cuMemAlloc, &address, bytes));
    return reinterpret_cast<void*>(address);
  }

  absl::Status Free(void* address) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    return TRELLIS_CUDA_CALL(cuMemFree, Address(address));
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
    CUstream stream = nullptr;
    TRELLIS_RETURN_IF_ERROR(
        TRELLIS_CUDA_CALL(cuStreamCreate, &stream, CU_STREAM_NON_BLOCKING));
    return stream;
  }

  absl::Status DestroyStream(CudaStreamHandle stream) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    absl::Status done = TRELLIS_CUDA_CALL(cuStreamSynchronize, Stream(stream));
    done.Update(TRELLIS_CUDA_CALL(cuStreamDestroy, Stream(stream)));
    return done;
  }

  absl::StatusOr<CudaEventHandle> CreateEvent() override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    CUevent event = nullptr;
    TRELLIS_RETURN_IF_ERROR(
        TRELLIS_CUDA_CALL(cuEventCreate, &event, CU_EVENT_DISABLE_TIMING));
    return event;
  }

  absl::Status DestroyEvent(CudaEventHandle event) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    return TRELLIS_CUDA_CALL(cuEventDestroy, Event(event));
  }

  absl::Status Record(CudaEventHandle event, CudaStreamHandle stream) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    return TRELLIS_CUDA_CALL(cuEventRecord, Event(event), Stream(stream));
  }

  absl::Status Wait(CudaStreamHandle stream, CudaEventHandle event) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    return TRELLIS_CUDA_CALL(cuStreamWaitEvent, Stream(stream), Event(event),
                             0);
  }

  absl::Status Synchronize(CudaEventHandle event) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    return TRELLIS_CUDA_CALL(cuEventSynchronize, Event(event));
  }

  absl::Status CopyFromHost(void* dst, const void* src, size_t bytes,
                            CudaStreamHandle stream) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    return TRELLIS_CUDA_CALL(cuMemcpyHtoDAsync, Address(dst), src, bytes,
                             Stream(stream));
  }

  absl::Status CopyToHost(void* dst, const void* src, size_t bytes,
                          CudaStreamHandle stream) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    return TRELLIS_CUDA_CALL(cuMemcpyDtoHAsync, dst, Address(src), bytes,
                             Stream(stream));
  }

  absl::Status CopyOnDevice(void* dst, const void* src, size_t bytes,
                            CudaStreamHandle stream) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    return TRELLIS_CUDA_CALL(cuMemcpyDtoDAsync, Address(dst), Address(src),
                             bytes, Stream(stream));
  }

  absl::Status Fill(void* dst, unsigned char value, size_t bytes,
                    CudaStreamHandle stream) override {
    TRELLIS_RETURN_IF_ERROR(MakeCurrent());
    return TRELLIS_CUDA_CALL(cuMemsetD8Async, Address(dst), value, bytes,
                             Stream(stream));
  }

 private:
  const Functions& functions_;
  const CUdevice device_;
  const CUcontext context_;
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
    TRELLIS_ASSIGN_OR_RETURN(const CUdevice handle, Handle(device));
    CudaDeviceInfo info;
    char name[256] = {};
    TRELLIS_RETURN_IF_ERROR(
        TRELLIS_CUDA_CALL(cuDeviceGetName, name, sizeof(name) - 1, handle));
    info.name = name;
    TRELLIS_RETURN_IF_ERROR(
        TRELLIS_CUDA_CALL(cuDeviceTotalMem, &info.memory_bytes, handle));
    const std::pair<int*, CUdevice_attribute> attributes[] = {
        {&info.major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR},
        {&info.minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR},
        {&info.multiprocessors, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT}};
    for (const auto& [value, attribute] : attributes) {
      TRELLIS_RETURN_IF_ERROR(
          TRELLIS_CUDA_CALL(cuDeviceGetAttribute, value, attribute, handle));
    }
    return info;
  }

  absl::StatusOr<std::unique_ptr<CudaContext>> MakeContext(
      int device) override {
    TRELLIS_ASSIGN_OR_RETURN(const CUdevice handle, Handle(device));
    CUcontext context = nullptr;
    TRELLIS_RETURN_IF_ERROR(
        TRELLIS_CUDA_CALL(cuDevicePrimaryCtxRetain, &context, handle));
    return std::make_unique<PrimaryContext>(functions_, handle, context);
  }

 private:
  absl::StatusOr<CUdevice> Handle(int device) {
    CUdevice handle = 0;
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

#else

absl::StatusOr<CudaDriver*> SystemCudaDriver() {
  return absl::UnimplementedError("this build has no CUDA");
}

#endif  // TRELLIS_CUDA

}  // namespace trellis
