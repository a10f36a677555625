#include "trellis/runtime/device.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"
#include "trellis/base/aligned_memory.h"
#include "trellis/base/checked_int.h"
#include "trellis/base/status_macros.h"
#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {
namespace {

// Whole cache lines or, in large blocks, whole huge pages, so that an arena
// need not grow inside of one.
std::optional<int64_t> InWholeUnits(size_t bytes) {
  if (bytes > INT64_MAX) return std::nullopt;
  const int64_t wanted = std::max<int64_t>(static_cast<int64_t>(bytes), 1);
  return CheckedRoundUp(
      wanted, wanted < kHugePageSize ? kMemoryAlignment : kHugePageSize);
}

class BlockBuffer final : public Buffer {
 public:
  explicit BlockBuffer(AlignedBlock block)
      : Buffer(block.data(), static_cast<size_t>(block.size())),
        block_(std::move(block)) {}

 private:
  const AlignedBlock block_;
};

// The host's memory, in huge pages where there is enough to fill one, and the
// executor's own thread.
class CpuDevice final : public Device {
 public:
  using Device::Device;
  bool is_host() const override { return true; }
  std::string description() const override { return "host"; }
  absl::StatusOr<std::shared_ptr<Buffer>> Allocate(
      size_t bytes, absl::string_view owner) override {
    const std::optional<int64_t> rounded = InWholeUnits(bytes);
    if (!rounded) {
      return absl::ResourceExhaustedError(
          absl::StrCat("no memory for ", bytes, " bytes"));
    }
    TRELLIS_ASSIGN_OR_RETURN(AlignedBlock block,
                             AlignedBlock::Allocate(*rounded));
    return std::make_shared<BlockBuffer>(std::move(block));
  }
};

absl::Status NoStreams(const Device& device) {
  return absl::UnimplementedError(
      absl::StrCat(device.name(), " copies without streams"));
}

}  // namespace

absl::Status Device::CopyFromHost(Stream&, int, void*, const void*, size_t) {
  return NoStreams(*this);
}
absl::Status Device::CopyToHost(Stream&, int, void*, const void*, size_t) {
  return NoStreams(*this);
}
absl::Status Device::CopyOnDevice(Stream&, int, void*, const void*, size_t) {
  return NoStreams(*this);
}

std::string LocalDeviceName(absl::string_view type, int index) {
  return absl::StrCat("/job:localhost/replica:0/task:0/device:", type, ":",
                      index);
}

void RegisterCpuDevices(DeviceRegistry& registry) {
  registry.Add({.type = std::string(kCpu),
                .priority = 0,
                .make = [](const DeviceRequest& request)
                    -> absl::StatusOr<std::vector<std::unique_ptr<Device>>> {
                  std::vector<std::unique_ptr<Device>> devices;
                  for (int i = 0; i < (request.count < 0 ? 1 : request.count);
                       ++i) {
                    devices.push_back(std::make_unique<CpuDevice>(
                        LocalDeviceName(kCpu, i), std::string(kCpu)));
                  }
                  return devices;
                }});
}

absl::StatusOr<DeviceSet> DeviceSet::Make(
    const DeviceRegistry& registry, const std::map<std::string, int>& counts,
    const GpuOptions& gpu) {
  DeviceSet set;
  for (const auto& [type, count] : counts) {
    bool known = false;
    for (const DeviceFactory& factory : registry.factories()) {
      known = known || factory.type == type;
    }
    if (!known) {
      return absl::InvalidArgumentError(
          absl::StrCat("device_count names the device type \"", type,
                       "\", which this program does not have"));
    }
    if (count < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("device_count of ", type, " is ", count));
    }
  }
  for (const DeviceFactory& factory : registry.factories()) {
    const auto it = counts.find(factory.type);
    TRELLIS_ASSIGN_OR_RETURN(
        auto devices,
        factory.make(
            {.count = it == counts.end() ? -1 : it->second, .gpu = gpu}));
    if (devices.empty() && factory.why_none != nullptr) {
      set.why_none_[factory.type] = factory.why_none;
    }
    for (auto& device : devices) {
      // The host comes first whatever the order of registration.
      const bool first =
          device->is_host() && set.size() > 0 && !set.device(0).is_host();
      set.priorities_.insert(
          first ? set.priorities_.begin() : set.priorities_.end(),
          factory.priority);
      set.devices_.insert(first ? set.devices_.begin() : set.devices_.end(),
                          std::move(device));
    }
  }
  if (set.size() == 0 || !set.device(0).is_host()) {
    return absl::NotFoundError("a session needs at least one CPU device");
  }
  return set;
}

int DeviceSet::Find(absl::string_view name) const {
  for (int i = 0; i < size(); ++i) {
    if (devices_[i]->name() == name) return i;
  }
  return -1;
}

std::string DeviceSet::WhyNone(absl::string_view type) const {
  const auto it = why_none_.find(std::string(type));
  return it == why_none_.end() ? "" : it->second();
}

}  // namespace trellis
