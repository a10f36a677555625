#include "trellis/runtime/kernel/cuda_libraries.h"

#include <cstdlib>
#include <iterator>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

// Set by the BUILD file from the toolkit that was found.
#ifndef TRELLIS_CUDA_TOOLKIT
#define TRELLIS_CUDA_TOOLKIT ""
#endif

namespace trellis {
namespace {

std::string Dotted(size_t major, size_t minor, size_t patch) {
  return absl::StrCat(major, ".", minor, ".", patch);
}

// The version, or why the library does not tell it.
struct Answer {
  std::string version;
  std::string missing;
};

Answer NoFunction(absl::string_view name) {
  return {.missing = absl::StrCat("it has no function ", name)};
}

Answer Failed(absl::string_view name, int error) {
  return {.missing = absl::StrCat(name, " fails with error ", error)};
}

// Of the functions only their C types are needed, which have not changed since
// these libraries exist: so no header of theirs is, either.

Answer DriverVersion(const SharedLibrary& library) {
  auto* get = library.Function<int(int*)>("cuDriverGetVersion");
  if (get == nullptr) return NoFunction("cuDriverGetVersion");
  int version = 0;
  const int error = get(&version);
  if (error != 0) return Failed("cuDriverGetVersion", error);
  return {absl::StrCat(version / 1000, ".", version % 1000 / 10)};
}

Answer CublasLtVersion(const SharedLibrary& library) {
  auto* get = library.Function<size_t()>("cublasLtGetVersion");
  if (get == nullptr) return NoFunction("cublasLtGetVersion");
  const size_t v = get();
  return {Dotted(v / 10000, v / 100 % 100, v % 100)};
}

Answer CudnnVersion(const SharedLibrary& library) {
  auto* get = library.Function<size_t()>("cudnnGetVersion");
  if (get == nullptr) return NoFunction("cudnnGetVersion");
  const size_t v = get();
  return {Dotted(v / 10000, v / 100 % 100, v % 100)};
}

Answer NvrtcVersion(const SharedLibrary& library) {
  auto* get = library.Function<int(int*, int*)>("nvrtcVersion");
  if (get == nullptr) return NoFunction("nvrtcVersion");
  int major = 0, minor = 0;
  const int error = get(&major, &minor);
  if (error != 0) return Failed("nvrtcVersion", error);
  return {absl::StrCat(major, ".", minor)};
}

Answer NcclVersion(const SharedLibrary& library) {
  auto* get = library.Function<int(int*)>("ncclGetVersion");
  if (get == nullptr) return NoFunction("ncclGetVersion");
  int version = 0;
  const int error = get(&version);
  if (error != 0) return Failed("ncclGetVersion", error);
  return {Dotted(version / 10000, version / 100 % 100, version % 100)};
}

struct Facts {
  const char* name;
  const char* stem;
  // Of the file's name; null: the toolkit's.
  const char* major;
  Answer (*version)(const SharedLibrary& library);
};

const Facts& FactsOf(CudaLibrary library) {
  static constexpr Facts kFacts[] = {
      {"CUDA driver", "libcuda.so.", "1", DriverVersion},
      {"cuBLASLt", "libcublasLt.so.", nullptr, CublasLtVersion},
      {"cuDNN", "libcudnn.so.", "9", CudnnVersion},
      {"NVRTC", "libnvrtc.so.", nullptr, NvrtcVersion},
      {"NCCL", "libnccl.so.", "2", NcclVersion}};
  return kFacts[static_cast<int>(library)];
}

std::string Soname(CudaLibrary library) {
  const Facts& facts = FactsOf(library);
  if (facts.major != nullptr) return absl::StrCat(facts.stem, facts.major);
  const absl::string_view toolkit = CudaToolkitVersion();
  // A build without CUDA has nothing to call in them; it looks for those of the
  // toolkit that it would be built with today.
  return absl::StrCat(facts.stem, toolkit.empty()
                                      ? "13"
                                      : toolkit.substr(0, toolkit.find('.')));
}

}  // namespace

const char* CudaLibraryName(CudaLibrary library) {
  return FactsOf(library).name;
}

const char* CudaToolkitVersion() { return TRELLIS_CUDA_TOOLKIT; }

std::vector<std::string> CudaLibraryDirectories() {
  if (const char* only = std::getenv("TRELLIS_CUDA_LIBRARY_PATH");
      only != nullptr && *only != '\0') {
    return absl::StrSplit(only, ':', absl::SkipEmpty());
  }
  const char* home = std::getenv("CUDA_HOME");
  if (home == nullptr || *home == '\0') home = "/usr/local/cuda";
  return {"", absl::StrCat(home, "/lib64")};
}

const SharedLibrary& LoadCudaLibrary(CudaLibrary library) {
  struct Slot {
    std::once_flag once;
    const SharedLibrary* library = nullptr;
  };
  // Never destroyed, as the libraries are not.
  static auto* const kSlots = new Slot[std::size(kCudaLibraries)];
  Slot& slot = kSlots[static_cast<int>(library)];
  std::call_once(slot.once, [&] {
    slot.library = new SharedLibrary(Soname(library), CudaLibraryDirectories());
  });
  return *slot.library;
}

CudaLibraryInfo InspectCudaLibrary(
    CudaLibrary library, const std::vector<std::string>& directories) {
  const SharedLibrary loaded(Soname(library), directories);
  CudaLibraryInfo info{.soname = loaded.soname(), .path = loaded.path()};
  if (!loaded.status().ok()) {
    info.missing = std::string(loaded.status().message());
    return info;
  }
  Answer answer = FactsOf(library).version(loaded);
  info.version = std::move(answer.version);
  info.missing = std::move(answer.missing);
  return info;
}

}  // namespace trellis
