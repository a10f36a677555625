#include "trellis/tests/runtime/cuda/fake_cuda_driver.h"

#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "trellis/base/check.h"
#include "trellis/base/status_macros.h"
#include "trellis/runtime/kernel/cuda_error.h"

namespace trellis {
namespace {

constexpr int kOutOfMemory = 2;
constexpr int kCannotBeCaptured = 900;
constexpr int kCaptureWasSpoilt = 901;
constexpr int kCannotBeUpdated = 910;

}  // namespace

class FakeCudaContext final : public CudaContext {
 public:
  FakeCudaContext(FakeCudaDriver& driver, int device)
      : driver_(driver), device_(device) {}
  ~FakeCudaContext() override {
    Lock lock(driver_.mutex_);
    --driver_.contexts_;
  }

  absl::Status MakeCurrent() override { return Call("MakeCurrent"); }

  absl::StatusOr<MemoryInfo> GetMemoryInfo() override {
    TRELLIS_RETURN_IF_ERROR(Call("GetMemoryInfo"));
    Lock lock(driver_.mutex_);
    return MemoryInfo{capacity() - driver_.device_bytes_, capacity()};
  }

  absl::StatusOr<void*> Allocate(size_t bytes) override {
    TRELLIS_RETURN_IF_ERROR(Call("Allocate"));
    TRELLIS_RETURN_IF_ERROR(driver_.Uncapturable("Allocate"));
    Lock lock(driver_.mutex_);
    if (bytes > capacity() - driver_.device_bytes_) {
      return CudaError(kOutOfMemory, "Allocate");
    }
    void* address = NewMemory(bytes, 256);
    driver_.allocations_[address] = bytes;
    driver_.device_bytes_ += bytes;
    return address;
  }

  absl::Status Free(void* address) override {
    TRELLIS_RETURN_IF_ERROR(Call("Free"));
    TRELLIS_RETURN_IF_ERROR(driver_.Uncapturable("Free"));
    Lock lock(driver_.mutex_);
    const auto it = driver_.allocations_.find(address);
    TRELLIS_CHECK(it != driver_.allocations_.end()) << "not allocated";
    driver_.device_bytes_ -= it->second;
    driver_.allocations_.erase(it);
    std::free(address);
    return absl::OkStatus();
  }

  absl::StatusOr<void*> AllocatePinned(size_t bytes) override {
    TRELLIS_RETURN_IF_ERROR(Call("AllocatePinned"));
    TRELLIS_RETURN_IF_ERROR(driver_.Uncapturable("AllocatePinned"));
    Lock lock(driver_.mutex_);
    void* address = NewMemory(bytes, 4096);
    driver_.pinned_[address] = bytes;
    return address;
  }

  absl::Status FreePinned(void* address) override {
    TRELLIS_RETURN_IF_ERROR(Call("FreePinned"));
    TRELLIS_RETURN_IF_ERROR(driver_.Uncapturable("FreePinned"));
    Lock lock(driver_.mutex_);
    TRELLIS_CHECK(driver_.pinned_.erase(address) == 1) << "not pinned";
    std::free(address);
    return absl::OkStatus();
  }

  absl::StatusOr<CudaStreamHandle> CreateStream() override {
    TRELLIS_RETURN_IF_ERROR(Call("CreateStream"));
    Lock lock(driver_.mutex_);
    auto queue = std::make_unique<FakeCudaDriver::Queue>();
    queue->driver = &driver_;
    void* handle = queue.get();
    driver_.streams_[handle] = std::move(queue);
    return handle;
  }

  absl::Status DestroyStream(CudaStreamHandle stream) override {
    TRELLIS_RETURN_IF_ERROR(Call("DestroyStream"));
    Lock lock(driver_.mutex_);
    FakeCudaDriver::Queue& queue = *driver_.streams_.at(stream);
    driver_.RunUntil(queue, queue.done + queue.items.size());
    driver_.streams_.erase(stream);
    return absl::OkStatus();
  }

  absl::StatusOr<CudaEventHandle> CreateEvent() override {
    TRELLIS_RETURN_IF_ERROR(Call("CreateEvent"));
    Lock lock(driver_.mutex_);
    auto event = std::make_shared<FakeCudaDriver::Event>();
    void* handle = event.get();
    driver_.events_[handle] = std::move(event);
    return handle;
  }

  absl::Status DestroyEvent(CudaEventHandle event) override {
    TRELLIS_RETURN_IF_ERROR(Call("DestroyEvent"));
    Lock lock(driver_.mutex_);
    TRELLIS_CHECK(driver_.events_.erase(event) == 1) << "no event";
    return absl::OkStatus();
  }

  absl::Status Record(CudaEventHandle event, CudaStreamHandle stream) override {
    TRELLIS_RETURN_IF_ERROR(Call("Record"));
    TRELLIS_RETURN_IF_ERROR(driver_.Uncapturable("Record"));
    Lock lock(driver_.mutex_);
    FakeCudaDriver::Queue& queue = *driver_.streams_.at(stream);
    *driver_.events_.at(event) = {&queue, queue.done + queue.items.size()};
    return absl::OkStatus();
  }

  // As the driver's: of the event as it was recorded last before the call.
  absl::Status Wait(CudaStreamHandle stream, CudaEventHandle event) override {
    TRELLIS_RETURN_IF_ERROR(Call("Wait"));
    TRELLIS_RETURN_IF_ERROR(driver_.Uncapturable("Wait"));
    Lock lock(driver_.mutex_);
    const FakeCudaDriver::Event recorded = *driver_.events_.at(event);
    if (recorded.queue == nullptr) return absl::OkStatus();
    driver_.Enqueue(stream, "", [this, recorded] {
      // A stream that has gone has done all it was given.
      if (!driver_.streams_.contains(recorded.queue)) return;
      driver_.RunUntil(*recorded.queue, recorded.until);
    });
    return absl::OkStatus();
  }

  absl::Status Synchronize(CudaEventHandle event) override {
    TRELLIS_RETURN_IF_ERROR(Call("Synchronize"));
    TRELLIS_RETURN_IF_ERROR(driver_.Uncapturable("Synchronize"));
    Lock lock(driver_.mutex_);
    const FakeCudaDriver::Event recorded = *driver_.events_.at(event);
    if (recorded.queue != nullptr) {
      driver_.RunUntil(*recorded.queue, recorded.until);
    }
    return absl::OkStatus();
  }

  absl::Status CopyFromHost(void* dst, const void* src, size_t bytes,
                            CudaStreamHandle stream) override {
    TRELLIS_RETURN_IF_ERROR(Call("CopyFromHost"));
    CheckDevice(dst, bytes);
    driver_.Enqueue(stream, absl::StrCat("copy ", bytes, " to device"),
                    [=] { std::memmove(dst, src, bytes); });
    return absl::OkStatus();
  }

  absl::Status CopyToHost(void* dst, const void* src, size_t bytes,
                          CudaStreamHandle stream) override {
    TRELLIS_RETURN_IF_ERROR(Call("CopyToHost"));
    CheckDevice(src, bytes);
    Lock lock(driver_.mutex_);
    const bool waits = !Contains(driver_.pinned_, dst, bytes);
    if (waits) TRELLIS_RETURN_IF_ERROR(driver_.Uncapturable("CopyToHost"));
    driver_.Enqueue(stream, absl::StrCat("copy ", bytes, " to host"),
                    [=] { std::memmove(dst, src, bytes); });
    if (waits) {
      FakeCudaDriver::Queue& queue = *driver_.streams_.at(stream);
      driver_.RunUntil(queue, queue.done + queue.items.size());
    }
    return absl::OkStatus();
  }

  absl::Status CopyOnDevice(void* dst, const void* src, size_t bytes,
                            CudaStreamHandle stream) override {
    TRELLIS_RETURN_IF_ERROR(Call("CopyOnDevice"));
    CheckDevice(dst, bytes);
    CheckDevice(src, bytes);
    driver_.Enqueue(stream, absl::StrCat("copy ", bytes, " on device"),
                    [=] { std::memmove(dst, src, bytes); });
    return absl::OkStatus();
  }

  absl::Status Fill(void* dst, unsigned char value, size_t bytes,
                    CudaStreamHandle stream) override {
    TRELLIS_RETURN_IF_ERROR(Call("Fill"));
    CheckDevice(dst, bytes);
    driver_.Enqueue(stream, absl::StrCat("fill ", bytes),
                    [=] { std::memset(dst, value, bytes); });
    return absl::OkStatus();
  }

  absl::Status BeginCapture(CudaStreamHandle stream) override {
    TRELLIS_RETURN_IF_ERROR(Call("BeginCapture"));
    Lock lock(driver_.mutex_);
    FakeCudaDriver::Queue& queue = *driver_.streams_.at(stream);
    TRELLIS_CHECK(!queue.capturing) << "a capture in a capture";
    queue.capturing = true;
    queue.capturer = std::this_thread::get_id();
    queue.spoilt = false;
    queue.captured.clear();
    return absl::OkStatus();
  }

  // The capture is over after an error, too.
  absl::StatusOr<CudaGraphHandle> EndCapture(CudaStreamHandle stream) override {
    Lock lock(driver_.mutex_);
    FakeCudaDriver::Queue& queue = *driver_.streams_.at(stream);
    TRELLIS_CHECK(queue.capturing) << "no capture";
    queue.capturing = false;
    TRELLIS_RETURN_IF_ERROR(Call("EndCapture"));
    if (queue.spoilt) return CudaError(kCaptureWasSpoilt, "EndCapture");
    auto graph =
        std::make_unique<FakeCudaDriver::Graph>(std::move(queue.captured));
    void* handle = graph.get();
    driver_.graphs_[handle] = std::move(graph);
    return handle;
  }

  absl::Status DestroyGraph(CudaGraphHandle graph) override {
    TRELLIS_RETURN_IF_ERROR(Call("DestroyGraph"));
    Lock lock(driver_.mutex_);
    TRELLIS_CHECK(driver_.graphs_.erase(graph) == 1) << "no graph";
    return absl::OkStatus();
  }

  absl::StatusOr<CudaGraphExecHandle> Instantiate(
      CudaGraphHandle graph) override {
    TRELLIS_RETURN_IF_ERROR(Call("Instantiate"));
    Lock lock(driver_.mutex_);
    auto exec =
        std::make_unique<FakeCudaDriver::Graph>(*driver_.graphs_.at(graph));
    void* handle = exec.get();
    driver_.execs_[handle] = std::move(exec);
    return handle;
  }

  absl::Status UpdateExec(CudaGraphExecHandle exec,
                          CudaGraphHandle graph) override {
    TRELLIS_RETURN_IF_ERROR(Call("UpdateExec"));
    Lock lock(driver_.mutex_);
    FakeCudaDriver::Graph& old = *driver_.execs_.at(exec);
    const FakeCudaDriver::Graph& updated = *driver_.graphs_.at(graph);
    if (old.size() != updated.size()) {
      return CudaError(kCannotBeUpdated, "UpdateExec");
    }
    old = updated;
    return absl::OkStatus();
  }

  absl::Status Launch(CudaGraphExecHandle exec,
                      CudaStreamHandle stream) override {
    TRELLIS_RETURN_IF_ERROR(Call("Launch"));
    Lock lock(driver_.mutex_);
    for (const auto& item : *driver_.execs_.at(exec)) {
      driver_.Enqueue(stream, item.name, item.work);
    }
    return absl::OkStatus();
  }

  absl::Status DestroyExec(CudaGraphExecHandle exec) override {
    TRELLIS_RETURN_IF_ERROR(Call("DestroyExec"));
    Lock lock(driver_.mutex_);
    TRELLIS_CHECK(driver_.execs_.erase(exec) == 1) << "no graph to launch";
    return absl::OkStatus();
  }

 private:
  using Lock = std::lock_guard<std::recursive_mutex>;

  absl::Status Call(const std::string& function) {
    return driver_.Call(function);
  }
  size_t capacity() const { return driver_.devices_[device_].memory_bytes; }

  static void* NewMemory(size_t bytes, size_t alignment) {
    void* address = std::aligned_alloc(
        alignment, (bytes + alignment - 1) / alignment * alignment);
    std::memset(address, 0xff, bytes);
    return address;
  }

  static bool Contains(const std::map<void*, size_t>& blocks,
                       const void* address, size_t bytes) {
    auto it = blocks.upper_bound(const_cast<void*>(address));
    if (it == blocks.begin()) return false;
    --it;
    const auto* begin = static_cast<const char*>(it->first);
    const auto* from = static_cast<const char*>(address);
    return from + bytes <= begin + it->second;
  }

  void CheckDevice(const void* address, size_t bytes) {
    Lock lock(driver_.mutex_);
    TRELLIS_CHECK(Contains(driver_.allocations_, address, bytes))
        << "a copy outside of the GPU's memory";
  }

  FakeCudaDriver& driver_;
  const int device_;
};

absl::StatusOr<int> FakeCudaDriver::CountDevices() {
  TRELLIS_RETURN_IF_ERROR(Call("CountDevices"));
  return static_cast<int>(devices_.size());
}

absl::StatusOr<CudaDeviceInfo> FakeCudaDriver::Describe(int device) {
  TRELLIS_RETURN_IF_ERROR(Call("Describe"));
  return devices_.at(device);
}

absl::StatusOr<std::unique_ptr<CudaContext>> FakeCudaDriver::MakeContext(
    int device) {
  TRELLIS_RETURN_IF_ERROR(Call("MakeContext"));
  std::lock_guard<std::recursive_mutex> lock(mutex_);
  ++contexts_;
  ++opened_[device];
  return std::make_unique<FakeCudaContext>(*this, device);
}

void FakeCudaDriver::Launch(CudaStreamHandle stream,
                            std::function<void()> kernel, std::string name) {
  static_cast<Queue*>(stream)->driver->Enqueue(stream, std::move(name),
                                               std::move(kernel));
}

void FakeCudaDriver::FailFrom(const std::string& function, int call,
                              absl::Status error) {
  std::lock_guard<std::recursive_mutex> lock(mutex_);
  faults_[function] = {calls_[function] + call, std::move(error)};
}

absl::Status FakeCudaDriver::Call(const std::string& function) {
  std::lock_guard<std::recursive_mutex> lock(mutex_);
  const int call = ++calls_[function];
  const auto it = faults_.find(function);
  if (it == faults_.end() || call < it->second.first) return absl::OkStatus();
  return it->second.second;
}

absl::Status FakeCudaDriver::Uncapturable(const std::string& function) {
  std::lock_guard<std::recursive_mutex> lock(mutex_);
  for (const auto& [handle, queue] : streams_) {
    if (queue->capturing && queue->capturer == std::this_thread::get_id()) {
      queue->spoilt = true;
      return CudaError(kCannotBeCaptured, function);
    }
  }
  return absl::OkStatus();
}

void FakeCudaDriver::Enqueue(CudaStreamHandle stream, std::string name,
                             std::function<void()> work) {
  std::lock_guard<std::recursive_mutex> lock(mutex_);
  Queue& queue = *streams_.at(stream);
  if (queue.capturing) {
    queue.captured.push_back({std::move(name), std::move(work)});
  } else {
    queue.items.push_back({std::move(name), std::move(work)});
  }
}

void FakeCudaDriver::RunUntil(Queue& queue, size_t until) {
  while (queue.done < until) {
    TRELLIS_CHECK(!queue.items.empty()) << "waits for what never comes";
    const Item item = std::move(queue.items.front());
    queue.items.pop_front();
    item.work();
    ++queue.done;
    if (item.name.empty()) continue;
    absl::StrAppend(&log_, log_.empty() ? "" : "; ", item.name);
  }
}

FakeCudaDriver::Counts FakeCudaDriver::counts() const {
  std::lock_guard<std::recursive_mutex> lock(mutex_);
  return {.contexts = contexts_,
          .allocations = static_cast<int>(allocations_.size()),
          .pinned = static_cast<int>(pinned_.size()),
          .streams = static_cast<int>(streams_.size()),
          .events = static_cast<int>(events_.size()),
          .graphs = static_cast<int>(graphs_.size()),
          .execs = static_cast<int>(execs_.size())};
}

int FakeCudaDriver::opened(int device) const {
  std::lock_guard<std::recursive_mutex> lock(mutex_);
  const auto it = opened_.find(device);
  return it == opened_.end() ? 0 : it->second;
}

size_t FakeCudaDriver::device_bytes() const {
  std::lock_guard<std::recursive_mutex> lock(mutex_);
  return device_bytes_;
}

int FakeCudaDriver::calls(const std::string& function) const {
  std::lock_guard<std::recursive_mutex> lock(mutex_);
  const auto it = calls_.find(function);
  return it == calls_.end() ? 0 : it->second;
}

std::string FakeCudaDriver::log() const {
  std::lock_guard<std::recursive_mutex> lock(mutex_);
  return log_;
}

void FakeCudaDriver::clear_log() {
  std::lock_guard<std::recursive_mutex> lock(mutex_);
  log_.clear();
}

}  // namespace trellis
