#include "trellis/runtime/cuda_device.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "trellis/base/status_macros.h"
#include "trellis/runtime/cuda_libcuda.h"
#include "trellis/runtime/kernel/kernel_registry.h"

// Set by the BUILD file from the architectures that kernels are compiled for.
#ifndef TRELLIS_OLDEST_CUDA_ARCHITECTURE
#define TRELLIS_OLDEST_CUDA_ARCHITECTURE 0
#endif

namespace trellis {
namespace {

// Above the CPU's: placement prefers a GPU (R5.1).
constexpr int kPriority = 210;

class CudaBuffer final : public Buffer {
 public:
  CudaBuffer(void* data, size_t bytes, std::shared_ptr<CudaDeviceState> state)
      : Buffer(data, bytes), state_(std::move(state)) {}
  ~CudaBuffer() override { state_->memory.Free(data()); }

 private:
  const std::shared_ptr<CudaDeviceState> state_;
};

std::string Capability(const CudaDeviceInfo& info) {
  return absl::StrCat(info.major, ".", info.minor);
}

// Why a GPU cannot run this build's kernels; "" if it can.
std::string WhyUnfit(const CudaDeviceInfo& info, int oldest) {
  if (10 * info.major + info.minor >= oldest) return "";
  return absl::StrCat(info.name, " has compute capability ", Capability(info),
                      ", and this build has kernels for ", oldest / 10, ".",
                      oldest % 10, " and newer");
}

using DriverSource = std::function<absl::StatusOr<CudaDriver*>()>;

absl::StatusOr<std::vector<CudaDeviceInfo>> DescribeAll(CudaDriver& driver) {
  TRELLIS_ASSIGN_OR_RETURN(const int count, driver.CountDevices());
  std::vector<CudaDeviceInfo> infos;
  for (int ordinal = 0; ordinal < count; ++ordinal) {
    TRELLIS_ASSIGN_OR_RETURN(infos.emplace_back(), driver.Describe(ordinal));
  }
  return infos;
}

absl::Status CheckVisible(const std::vector<int>& visible,
                          const std::vector<CudaDeviceInfo>& infos,
                          int oldest) {
  for (size_t i = 0; i < visible.size(); ++i) {
    const int ordinal = visible[i];
    if (ordinal < 0 || ordinal >= static_cast<int>(infos.size())) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the session asks for GPU ", ordinal, "; there are ", infos.size()));
    }
    if (std::find(visible.begin(), visible.begin() + i, ordinal) !=
        visible.begin() + i) {
      return absl::InvalidArgumentError(
          absl::StrCat("the session asks for GPU ", ordinal, " twice"));
    }
    const std::string unfit = WhyUnfit(infos[ordinal], oldest);
    if (!unfit.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the session asks for GPU ", ordinal, ", but ", unfit));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::unique_ptr<Device>>> MakeDevices(
    const DriverSource& source, int oldest, const DeviceRequest& request) {
  std::vector<std::unique_ptr<Device>> devices;
  const bool unasked = request.count < 0 && request.gpu.visible.empty();
  if (unasked || request.count == 0) return devices;
  const absl::StatusOr<CudaDriver*> driver = source();
  std::vector<CudaDeviceInfo> infos;
  if (driver.ok()) {
    absl::StatusOr<std::vector<CudaDeviceInfo>> all = DescribeAll(**driver);
    if (all.ok()) infos = *std::move(all);
  }
  std::vector<int> ordinals = request.gpu.visible;
  TRELLIS_RETURN_IF_ERROR(CheckVisible(ordinals, infos, oldest));
  if (ordinals.empty()) {
    for (size_t i = 0; i < infos.size(); ++i) {
      if (WhyUnfit(infos[i], oldest).empty()) {
        ordinals.push_back(static_cast<int>(i));
      }
    }
  }
  for (int ordinal : ordinals) {
    const int index = static_cast<int>(devices.size());
    if (index == request.count) break;
    devices.push_back(std::make_unique<CudaDevice>(
        **driver, ordinal, infos[ordinal], index, request.gpu.memory_limit));
  }
  return devices;
}

std::string WhyNone(const DriverSource& source, int oldest) {
  const absl::StatusOr<CudaDriver*> driver = source();
  if (!driver.ok()) return std::string(driver.status().message());
  const auto infos = DescribeAll(**driver);
  if (!infos.ok()) return std::string(infos.status().message());
  std::string unfit;
  for (const CudaDeviceInfo& info : *infos) {
    std::string why = WhyUnfit(info, oldest);
    if (why.empty()) {
      return "the session asks for none (SessionOptions::device_count)";
    }
    if (unfit.empty()) unfit = std::move(why);
  }
  if (!unfit.empty()) return unfit;
  const char* visible = std::getenv("CUDA_VISIBLE_DEVICES");
  return visible == nullptr ? "the driver shows none"
                            : absl::StrCat(
                                  "the driver shows none, with "
                                  "CUDA_VISIBLE_DEVICES=\"",
                                  visible, "\"");
}

void Register(DeviceRegistry& registry, DriverSource source, int oldest) {
  registry.Add(
      {.type = std::string(kGpu),
       .priority = kPriority,
       .make =
           [source, oldest](const DeviceRequest& request) {
             return MakeDevices(source, oldest, request);
           },
       .why_none = [source, oldest] { return WhyNone(source, oldest); }});
}

}  // namespace

int OldestCudaArchitecture() { return TRELLIS_OLDEST_CUDA_ARCHITECTURE; }

CudaDevice::CudaDevice(CudaDriver& driver, int ordinal, CudaDeviceInfo info,
                       int index, size_t memory_limit)
    : Device(LocalDeviceName(kGpu, index), std::string(kGpu)),
      driver_(driver),
      ordinal_(ordinal),
      info_(std::move(info)),
      memory_limit_(memory_limit) {}

absl::StatusOr<std::shared_ptr<CudaDeviceState>> CudaDevice::Open() {
  MutexLock lock(mutex_);
  if (state_ == nullptr) {
    TRELLIS_ASSIGN_OR_RETURN(std::unique_ptr<CudaContext> context,
                             driver_.MakeContext(ordinal_));
    state_ =
        std::make_shared<CudaDeviceState>(std::move(context), memory_limit_);
  }
  return state_;
}

bool CudaDevice::is_open() const {
  MutexLock lock(mutex_);
  return state_ != nullptr;
}

std::string CudaDevice::description() const {
  return absl::StrCat(
      info_.name, ", compute capability ", Capability(info_), ", ",
      info_.multiprocessors, " multiprocessors, ",
      absl::StrFormat("%.1f GiB",
                      static_cast<double>(info_.memory_bytes) / (1 << 30)));
}

absl::StatusOr<std::shared_ptr<Buffer>> CudaDevice::Allocate(
    size_t bytes, absl::string_view owner) {
  TRELLIS_ASSIGN_OR_RETURN(auto state, Open());
  absl::StatusOr<void*> address = state->memory.Allocate(bytes, owner);
  if (!address.ok()) {
    return absl::Status(address.status().code(),
                        absl::StrCat(name(), ": ", address.status().message()));
  }
  return std::make_shared<CudaBuffer>(*address, bytes, std::move(state));
}

void CudaDevice::Trim() {
  MutexLock lock(mutex_);
  if (state_ == nullptr) return;
  state_->memory.Trim();
  state_->pinned.Trim();
}

std::unique_ptr<Stream> CudaDevice::NewStream() {
  return std::make_unique<CudaQueue>(Open());
}

absl::Status CudaDevice::CopyFromHost(Stream& stream, int, void* dst,
                                      const void* src, size_t bytes) {
  if (bytes == 0) return absl::OkStatus();
  return static_cast<CudaQueue&>(stream).CopyFromHost(dst, src, bytes);
}

absl::Status CudaDevice::CopyToHost(Stream& stream, int, void* dst,
                                    const void* src, size_t bytes) {
  if (bytes == 0) return absl::OkStatus();
  return static_cast<CudaQueue&>(stream).CopyToHost(dst, src, bytes);
}

absl::Status CudaDevice::CopyOnDevice(Stream& stream, int, void* dst,
                                      const void* src, size_t bytes) {
  if (bytes == 0) return absl::OkStatus();
  return static_cast<CudaQueue&>(stream).CopyOnDevice(dst, src, bytes);
}

void RegisterCudaDevices(DeviceRegistry& registry) {
  const DriverSource source = [] {
    return OldestCudaArchitecture() == 0
               ? absl::UnimplementedError("this build has no CUDA kernels")
               : SystemCudaDriver();
  };
  Register(registry, source, OldestCudaArchitecture());
}

void RegisterCudaDevices(DeviceRegistry& registry, CudaDriver& driver,
                         int oldest_architecture) {
  Register(
      registry, [&driver] { return absl::StatusOr<CudaDriver*>(&driver); },
      oldest_architecture);
}

}  // namespace trellis
