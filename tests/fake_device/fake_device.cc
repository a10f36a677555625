#include "trellis/tests/fake_device/fake_device.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/tests/fake_device/fake_stream.h"

namespace trellis {
namespace {

// Keeps the memory alive, so that it may outlive the device.
class FakeBuffer final : public Buffer {
 public:
  FakeBuffer(void* data, size_t bytes, std::shared_ptr<FakeMemory> memory)
      : Buffer(data, bytes), memory_(std::move(memory)) {}
  ~FakeBuffer() override { memory_->Free(data()); }

 private:
  const std::shared_ptr<FakeMemory> memory_;
};

}  // namespace

void FakeFaults::FailAt(absl::string_view node_or_op, int execution,
                        absl::Status error) {
  MutexLock lock(mutex_);
  faults_.push_back({std::string(node_or_op), execution, std::move(error)});
}

absl::Status FakeFaults::Execute(absl::string_view node, absl::string_view op) {
  MutexLock lock(mutex_);
  absl::Status due;
  for (Fault& fault : faults_) {
    if (fault.name != node && fault.name != op) continue;
    if (--fault.executions_left == 0) due.Update(fault.error);
  }
  std::erase_if(faults_, [](const Fault& f) { return f.executions_left <= 0; });
  return due;
}

absl::StatusOr<std::unique_ptr<FakeDevice>> FakeDevice::Make(
    int index, const FakeOptions& options) {
  TRELLIS_ASSIGN_OR_RETURN(auto memory, FakeMemory::Make(options.memory_bytes));
  return std::unique_ptr<FakeDevice>(
      new FakeDevice(index, options, std::move(memory)));
}

FakeDevice::FakeDevice(int index, const FakeOptions& options,
                       std::shared_ptr<FakeMemory> memory)
    : Device(LocalDeviceName(kFake, index), std::string(kFake)),
      options_(options),
      memory_(std::move(memory)) {}

absl::Status FakeDevice::Execute(absl::string_view node, absl::string_view op) {
  return options_.faults == nullptr ? absl::OkStatus()
                                    : options_.faults->Execute(node, op);
}

std::string FakeDevice::description() const {
  return absl::StrCat("asynchronous device of tests, ", options_.memory_bytes,
                      " bytes");
}

absl::StatusOr<std::shared_ptr<Buffer>> FakeDevice::Allocate(
    size_t bytes, absl::string_view owner) {
  TRELLIS_ASSIGN_OR_RETURN(void* address, memory_->Allocate(bytes));
  return std::make_shared<FakeBuffer>(address, bytes, memory_);
}

std::unique_ptr<Stream> FakeDevice::NewStream() {
  return std::make_unique<FakeStream>(*this, options_.seed + ++streams_,
                                      options_.max_delay_us);
}

absl::Status FakeDevice::CheckIsHost(const void* address) const {
  if (!memory_->Contains(address)) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("an address of ", name(), " where one of the host must be"));
}

absl::Status FakeDevice::CopyFromHost(Stream& stream, int step, void* dst,
                                      const void* src, size_t bytes) {
  if (bytes == 0) return absl::OkStatus();
  TRELLIS_RETURN_IF_ERROR(CheckIsHost(src));
  TRELLIS_ASSIGN_OR_RETURN(char* to, memory_->Backing(dst, bytes));
  const char* from = static_cast<const char*>(src);
  static_cast<FakeStream&>(stream).Enqueue(
      step, [to, copy = std::vector<char>(from, from + bytes)] {
        std::memcpy(to, copy.data(), copy.size());
        return absl::OkStatus();
      });
  return absl::OkStatus();
}

absl::Status FakeDevice::CopyToHost(Stream& stream, int step, void* dst,
                                    const void* src, size_t bytes) {
  if (bytes == 0) return absl::OkStatus();
  TRELLIS_RETURN_IF_ERROR(CheckIsHost(dst));
  TRELLIS_ASSIGN_OR_RETURN(const char* from, memory_->Backing(src, bytes));
  static_cast<FakeStream&>(stream).Enqueue(step, [dst, from, bytes] {
    std::memcpy(dst, from, bytes);
    return absl::OkStatus();
  });
  return absl::OkStatus();
}

absl::Status FakeDevice::CopyOnDevice(Stream& stream, int step, void* dst,
                                      const void* src, size_t bytes) {
  if (bytes == 0) return absl::OkStatus();
  TRELLIS_ASSIGN_OR_RETURN(char* to, memory_->Backing(dst, bytes));
  TRELLIS_ASSIGN_OR_RETURN(const char* from, memory_->Backing(src, bytes));
  static_cast<FakeStream&>(stream).Enqueue(step, [to, from, bytes] {
    std::memmove(to, from, bytes);
    return absl::OkStatus();
  });
  return absl::OkStatus();
}

void RegisterFakeDevices(DeviceRegistry& registry, FakeOptions options) {
  registry.Add(
      {.type = std::string(kFake),
       .priority = options.priority,
       .make = [options](const DeviceRequest& request)
           -> absl::StatusOr<std::vector<std::unique_ptr<Device>>> {
         std::vector<std::unique_ptr<Device>> devices;
         const int count = request.count < 0 ? options.count : request.count;
         for (int i = 0; i < count; ++i) {
           TRELLIS_ASSIGN_OR_RETURN(auto device, FakeDevice::Make(i, options));
           devices.push_back(std::move(device));
         }
         return devices;
       }});
}

}  // namespace trellis
