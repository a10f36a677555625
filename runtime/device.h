// A place where steps run: a name, memory, and for asynchronous devices
// streams.
//
// Host devices (CPU:0, CPU:1, ...) have memory that the executor's thread can
// address and run their kernels in it, at once. All others are asynchronous:
// their kernels enqueue on a Stream.
#ifndef TRELLIS_RUNTIME_DEVICE_H_
#define TRELLIS_RUNTIME_DEVICE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/tensor.h"
#include "trellis/runtime/kernel/stream.h"

namespace trellis {

// Thread-safe, except for what a Stream says of itself.
class Device {
 public:
  // `name` is complete: "/job:localhost/replica:0/task:0/device:CPU:0".
  Device(std::string name, std::string type)
      : name_(std::move(name)), type_(std::move(type)) {}
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  virtual ~Device() = default;

  const std::string& name() const { return name_; }
  const std::string& type() const { return type_; }
  virtual bool is_host() const = 0;
  // One line for people: processor, memory, driver.
  virtual std::string description() const = 0;

  // At least `bytes` bytes, 64-byte aligned, uninitialized. `owner` says whom
  // they are for: the name of a variable or node, "arena".
  // ResourceExhausted where they cannot be had; a device that keeps count says
  // who has how much.
  virtual absl::StatusOr<std::shared_ptr<Buffer>> Allocate(
      size_t bytes, absl::string_view owner) = 0;
  // Gives memory that nobody uses back to the system.
  virtual void Trim() {}

  // ---- asynchronous devices only

  virtual std::unique_ptr<Stream> NewStream() { return nullptr; }
  // Enqueue; `step` is what a late error is reported with. `src` is read before
  // the call returns.
  virtual absl::Status CopyFromHost(Stream& stream, int step, void* dst,
                                    const void* src, size_t bytes);
  // Enqueue; `dst` is written by the time the stream has passed this point.
  virtual absl::Status CopyToHost(Stream& stream, int step, void* dst,
                                  const void* src, size_t bytes);
  // Enqueue a copy inside the device's memory.
  virtual absl::Status CopyOnDevice(Stream& stream, int step, void* dst,
                                    const void* src, size_t bytes);

 private:
  const std::string name_;
  const std::string type_;
};

// "/job:localhost/replica:0/task:0/device:CPU:1".
std::string LocalDeviceName(absl::string_view type, int index);

// What a session says of its GPUs.
struct GpuOptions {
  // Those it uses, by their index among the GPUs that the driver shows (which
  // CUDA_VISIBLE_DEVICES may hide and order): the first is its "/device:GPU:0".
  // Empty: the first ones that this build has kernels for, as many as
  // SessionOptions::device_count says.
  std::vector<int> visible = {};
  // Bytes that it takes of each GPU's memory, at most; 0: what there is.
  size_t memory_limit = 0;
};

// What a session says of the devices of one type.
struct DeviceRequest {
  // How many, at most; -1: nothing. Then it is one CPU, and the GPUs of
  // `gpu.visible`.
  int count = -1;
  GpuOptions gpu = {};
};

// Makes the devices of a session.
struct DeviceFactory {
  std::string type;
  // Placement prefers higher (R5.1).
  int priority = 0;
  std::function<absl::StatusOr<std::vector<std::unique_ptr<Device>>>(
      const DeviceRequest& request)>
      make;
  // Why there is none, for people. Called, from any thread, when somebody asks
  // where `make` gave none.
  std::function<std::string()> why_none = nullptr;
};

// Fill it, then share it.
class DeviceRegistry {
 public:
  void Add(DeviceFactory factory) { factories_.push_back(std::move(factory)); }
  const std::vector<DeviceFactory>& factories() const { return factories_; }

 private:
  std::vector<DeviceFactory> factories_;
};

// The logical CPU devices.
void RegisterCpuDevices(DeviceRegistry& registry);

// The devices of one session. Index 0 is CPU:0, the host.
class DeviceSet {
 public:
  // `counts` by type ("CPU" -> 2). NotFound if there would be no CPU (R4.36);
  // InvalidArgument for a type that no factory makes.
  static absl::StatusOr<DeviceSet> Make(
      const DeviceRegistry& registry, const std::map<std::string, int>& counts,
      const GpuOptions& gpu = {});

  int size() const { return static_cast<int>(devices_.size()); }
  Device& device(int i) const { return *devices_[i]; }
  int priority(int i) const { return priorities_[i]; }
  // -1 if there is none of this name.
  int Find(absl::string_view name) const;
  // Why there is no device of the type; "" if there is or nobody knows.
  std::string WhyNone(absl::string_view type) const;

 private:
  std::vector<std::unique_ptr<Device>> devices_;
  std::vector<int> priorities_;
  std::map<std::string, std::function<std::string()>> why_none_;  // by type
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_DEVICE_H_
