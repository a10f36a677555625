// The libraries of CUDA, each loaded when it is first asked for: a program
// starts and runs on a machine that has none of them. Only the CUDA runtime is
// part of the program (kernels need it), and it loads the driver when first
// called.
//
// They are looked for
//   in the folders that TRELLIS_CUDA_LIBRARY_PATH lists, separated by ':', and
//   nowhere else if it is set (so an empty folder shows a machine without
//   them); otherwise
//   where the system's loader looks,
//   in CUDA_HOME/lib64, or /usr/local/cuda/lib64 where CUDA_HOME is not set.
#ifndef TRELLIS_RUNTIME_KERNEL_CUDA_LIBRARIES_H_
#define TRELLIS_RUNTIME_KERNEL_CUDA_LIBRARIES_H_

#include <string>
#include <vector>

#include "trellis/base/shared_library.h"

namespace trellis {

enum class CudaLibrary {
  kDriver,    // libcuda: comes with the GPU's driver, never with the toolkit
  kCublasLt,  // matrix products
  kCudnn,     // convolutions
  kNvrtc,     // kernels compiled while the program runs
  kNccl,      // several GPUs
};

inline constexpr CudaLibrary kCudaLibraries[] = {
    CudaLibrary::kDriver, CudaLibrary::kCublasLt, CudaLibrary::kCudnn,
    CudaLibrary::kNvrtc, CudaLibrary::kNccl};

// "cuBLASLt".
const char* CudaLibraryName(CudaLibrary library);

// "13.0": the toolkit whose headers and runtime this build has; "" for a build
// without CUDA. It says which major versions of the libraries are looked for.
const char* CudaToolkitVersion();

// Where the environment says to look, as SharedLibrary takes it.
std::vector<std::string> CudaLibraryDirectories();

// Loaded at the first call, and then the same for the life of the program.
// Thread-safe.
const SharedLibrary& LoadCudaLibrary(CudaLibrary library);

// What is there of a library.
struct CudaLibraryInfo {
  std::string soname;
  std::string path;     // of the file; "" if it was not loaded
  std::string version;  // "9.19.0"; of the driver, the newest CUDA it runs
  std::string missing;  // why it cannot be used; "" if it can
};

// Loads it from the given places, apart from LoadCudaLibrary. All functions
// that are called for it work without a GPU.
CudaLibraryInfo InspectCudaLibrary(CudaLibrary library,
                                   const std::vector<std::string>& directories);

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_KERNEL_CUDA_LIBRARIES_H_
