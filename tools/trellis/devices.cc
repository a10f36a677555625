// trellis devices: what this machine and this build have.
#include <gnu/libc-version.h>
#include <unistd.h>

#include <limits>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "trellis/base/status_macros.h"
#include "trellis/runtime/device.h"
#include "trellis/runtime/kernel/cuda_libraries.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/tools/trellis/commands.h"
#include "trellis/tools/trellis/json_writer.h"
#include "trellis/tools/trellis/table.h"
#include "trellis/trellis.h"
#include "zlib.h"

namespace trellis {
namespace {

// Those that decide which kernels could run.
std::vector<std::string> CpuFeatures() {
  std::vector<std::string> features;
#if defined(__x86_64__)
  __builtin_cpu_init();
#define TRELLIS_ADD_FEATURE(name) \
  if (__builtin_cpu_supports(name)) features.push_back(name)
  TRELLIS_ADD_FEATURE("sse4.2");
  TRELLIS_ADD_FEATURE("popcnt");
  TRELLIS_ADD_FEATURE("avx");
  TRELLIS_ADD_FEATURE("fma");
  TRELLIS_ADD_FEATURE("avx2");
  TRELLIS_ADD_FEATURE("avx512f");
  TRELLIS_ADD_FEATURE("avx512bw");
  TRELLIS_ADD_FEATURE("avx512dq");
  TRELLIS_ADD_FEATURE("avx512vl");
  TRELLIS_ADD_FEATURE("avx512vnni");
  TRELLIS_ADD_FEATURE("avx512bf16");
#undef TRELLIS_ADD_FEATURE
#endif
  return features;
}

int64_t MemoryBytes() {
  return int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
}

std::vector<std::pair<std::string, std::string>> Libraries() {
  return {{"glibc", gnu_get_libc_version()},
          {"zlib", zlibVersion()},
          {"compiler", __VERSION__},
          {"oneDNN", "not built in"},
          {"CUDA", *CudaToolkitVersion() == '\0' ? "not built in"
                                                 : CudaToolkitVersion()}};
}

std::vector<CudaLibraryInfo> CudaLibraries() {
  std::vector<CudaLibraryInfo> infos;
  const std::vector<std::string> directories = CudaLibraryDirectories();
  for (CudaLibrary library : kCudaLibraries) {
    infos.push_back(InspectCudaLibrary(library, directories));
  }
  return infos;
}

// The indices of the devices of a type; of all for "".
std::vector<int> Chosen(const DeviceSet& devices, absl::string_view type) {
  std::vector<int> chosen;
  for (int d = 0; d < devices.size(); ++d) {
    if (type.empty() || devices.device(d).type() == type) chosen.push_back(d);
  }
  return chosen;
}

std::string Json(const DeviceSet& devices, const std::vector<int>& chosen) {
  JsonWriter json;
  json.BeginObject();
  json.Key("cpu").BeginObject();
  json.Field("processors", std::thread::hardware_concurrency());
  json.Field("features", CpuFeatures());
  json.Field("memory_bytes", MemoryBytes());
  json.EndObject();
  json.Key("devices").BeginArray();
  for (int d : chosen) {
    json.BeginObject();
    json.Field("name", devices.device(d).name());
    json.Field("type", devices.device(d).type());
    json.Field("description", devices.device(d).description());
    json.EndObject();
  }
  json.EndArray();
  json.Key("gpus").BeginArray();
  for (int d = 0; d < devices.size(); ++d) {
    if (devices.device(d).type() == kGpu) {
      json.String(devices.device(d).description());
    }
  }
  json.EndArray();
  json.Field("gpus_missing", devices.WhyNone(kGpu));
  json.Key("libraries").BeginObject();
  for (const auto& [name, version] : Libraries()) json.Field(name, version);
  json.EndObject();
  json.Key("cuda_libraries").BeginArray();
  const std::vector<CudaLibraryInfo> cuda = CudaLibraries();
  for (size_t i = 0; i < cuda.size(); ++i) {
    json.BeginObject();
    json.Field("name", CudaLibraryName(kCudaLibraries[i]));
    json.Field("file", cuda[i].soname);
    json.Field("version", cuda[i].version);
    json.Field("path", cuda[i].path);
    json.Field("missing", cuda[i].missing);
    json.EndObject();
  }
  json.EndArray();
  json.Field("ops", Builtin().ops.schemas().size());
  json.Field("kernels", Builtin().kernels.entries().size());
  json.EndObject();
  return json.text() + "\n";
}

std::string Text(const DeviceSet& devices) {
  std::string text;
  const auto line = [&text](absl::string_view what, absl::string_view is) {
    absl::StrAppendFormat(&text, "%-13s%s\n", what, is);
  };
  line("processors", absl::StrCat(std::thread::hardware_concurrency()));
  line("features", absl::StrJoin(CpuFeatures(), " "));
  line("memory", BytesText(MemoryBytes()));
  for (int d = 0; d < devices.size(); ++d) {
    line("device", absl::StrCat(devices.device(d).name(), ": ",
                                devices.device(d).description()));
  }
  if (const std::string why = devices.WhyNone(kGpu); !why.empty()) {
    line("GPUs", absl::StrCat("none: ", why));
  }
  for (const auto& [name, version] : Libraries()) line(name, version);
  const std::vector<CudaLibraryInfo> cuda = CudaLibraries();
  for (size_t i = 0; i < cuda.size(); ++i) {
    line(CudaLibraryName(kCudaLibraries[i]),
         cuda[i].missing.empty()
             ? absl::StrCat(cuda[i].version, " (", cuda[i].path, ")")
             : absl::StrCat("missing: ", cuda[i].missing));
  }
  line("ops", absl::StrCat(Builtin().ops.schemas().size()));
  line("kernels", absl::StrCat(Builtin().kernels.entries().size()));
  return text;
}

// Only the devices of a type, or why there is none.
std::string TypeText(const DeviceSet& devices, const std::string& type,
                     const std::vector<int>& chosen) {
  if (chosen.empty()) {
    const std::string why = devices.WhyNone(type);
    return absl::StrCat("no ", type, why.empty() ? "" : ": ", why, "\n");
  }
  std::string text;
  for (int d : chosen) {
    absl::StrAppend(&text, devices.device(d).name(), ": ",
                    devices.device(d).description(), "\n");
  }
  return text;
}

absl::StatusOr<Answer> RunDevices(const Flags& flags, std::ostream& out) {
  // All GPUs.
  TRELLIS_ASSIGN_OR_RETURN(
      const DeviceSet devices,
      DeviceSet::Make(Builtin().devices,
                      {{std::string(kGpu), std::numeric_limits<int>::max()}}));
  const std::string type = flags.Get("type");
  const std::vector<int> chosen = Chosen(devices, type);
  if (WantsJson(flags)) {
    out << Json(devices, chosen);
  } else {
    out << (type.empty() ? Text(devices) : TypeText(devices, type, chosen));
  }
  return chosen.empty() ? Answer::kNo : Answer::kYes;
}

}  // namespace

Command DevicesCommand() {
  return {.name = "devices",
          .arguments = "",
          .summary = "what this machine and this build have",
          .details = "",
          .flags = {{"type", "CPU|GPU",
                     "only devices of this type; status 1 if there is none"}},
          .min_arguments = 0,
          .max_arguments = 0,
          .run = RunDevices};
}

}  // namespace trellis
