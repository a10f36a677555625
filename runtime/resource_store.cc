#include "trellis/runtime/resource_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/runtime/tensor_copier.h"

namespace trellis {
namespace {

// Admission to several resources, for as long as it lives. They are entered in
// order of their ids, as runs do: so nobody waits in a circle.
class Admitted {
 public:
  // `resources` in order of their ids; it must outlive this.
  Admitted(const std::vector<Resource*>& resources, bool exclusive)
      : resources_(resources), exclusive_(exclusive) {
    for (Resource* r : resources_) r->admission.Enter(exclusive_);
  }
  Admitted(const Admitted&) = delete;
  Admitted& operator=(const Admitted&) = delete;
  ~Admitted() {
    for (Resource* r : resources_) r->admission.Leave(exclusive_);
  }

 private:
  const std::vector<Resource*>& resources_;
  const bool exclusive_;
};

void SortById(std::vector<Resource*>& resources) {
  std::sort(resources.begin(), resources.end(),
            [](const Resource* a, const Resource* b) { return a->id < b->id; });
}

absl::Status CheckCanHold(const Resource& resource, const Tensor& value) {
  if (resource.dtype == value.dtype() &&
      resource.shape.CompatibleWith(value.shape())) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("variable ", resource.key, " is ", DTypeName(resource.dtype),
                   resource.shape.ToString(), ", its new value is ",
                   DTypeName(value.dtype()), value.shape().ToString()));
}

// REQUIRES: nobody else touches the resource.
void SetValue(Resource& resource, Tensor value) {
  resource.state.value = std::move(value);
  resource.state.initialized = true;
  resource.state.version.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

absl::StatusOr<Resource*> ResourceStore::FindOrAdd(absl::string_view key,
                                                   DType dtype,
                                                   const Shape& shape,
                                                   Device& device) {
  MutexLock lock(mutex_);
  if (const Resource* found = FindLocked(key); found != nullptr) {
    if (found->dtype != dtype || !found->shape.CompatibleWith(shape)) {
      return absl::InvalidArgumentError(
          absl::StrCat("variable ", key, " is ", DTypeName(dtype),
                       shape.ToString(), " here, but this session has it as ",
                       DTypeName(found->dtype), found->shape.ToString()));
    }
    if (found->device != &device) {
      return absl::InvalidArgumentError(
          absl::StrCat("variable ", key, " is placed on ", device.name(),
                       " here, but it is on ", found->device->name()));
    }
    return FindLocked(key);
  }
  auto resource = std::make_unique<Resource>();
  resource->key = std::string(key);
  resource->id = static_cast<int>(by_key_.size());
  resource->dtype = dtype;
  resource->shape = shape;
  resource->device = &device;
  if (const auto value = waiting_.find(key); value != waiting_.end()) {
    TRELLIS_RETURN_IF_ERROR(CheckCanHold(*resource, value->second));
    // A copy on the host, too: a snapshot may be looking at this one.
    TRELLIS_ASSIGN_OR_RETURN(Tensor placed,
                             TensorCopier().FromHost(device, value->second));
    SetValue(*resource, std::move(placed));
    waiting_.erase(value);
  }
  return (by_key_[resource->key] = std::move(resource)).get();
}

Resource* ResourceStore::FindLocked(absl::string_view key) const {
  const auto it = by_key_.find(key);
  return it == by_key_.end() ? nullptr : it->second.get();
}

Resource* ResourceStore::Find(absl::string_view key) const {
  MutexLock lock(mutex_);
  return FindLocked(key);
}

std::vector<Resource*> ResourceStore::resources() const {
  MutexLock lock(mutex_);
  std::vector<Resource*> all;
  for (const auto& [key, resource] : by_key_) all.push_back(resource.get());
  return all;
}

absl::StatusOr<StoredValues> ResourceStore::Snapshot(
    const std::function<bool(absl::string_view)>& wanted) const {
  TensorCopier copier;
  while (true) {
    const std::vector<Resource*> all = resources();
    std::vector<Resource*> held;
    for (Resource* r : all) {
      if (wanted(r->key)) held.push_back(r);
    }
    SortById(held);
    const Admitted admitted(held, /*exclusive=*/false);
    StoredValues values;
    {
      MutexLock lock(mutex_);
      // A value that was waiting may have got a resource, and a run may have
      // changed it: look again.
      if (by_key_.size() != all.size()) continue;
      for (const auto& [key, value] : waiting_) {
        if (wanted(key)) values[key] = value;
      }
    }
    for (const Resource* r : held) {
      if (!r->state.initialized) continue;
      TRELLIS_ASSIGN_OR_RETURN(values[r->key],
                               copier.ToHost(*r->device, r->state.value));
    }
    return values;
  }
}

std::vector<Resource*> ResourceStore::FindAll(const StoredValues& keys) const {
  MutexLock lock(mutex_);
  std::vector<Resource*> found;
  for (const auto& [key, value] : keys) {
    if (Resource* r = FindLocked(key); r != nullptr) found.push_back(r);
  }
  SortById(found);
  return found;
}

absl::Status ResourceStore::Replace(StoredValues values) {
  TensorCopier copier;
  std::map<Resource*, Tensor> placed;
  while (true) {
    const std::vector<Resource*> found = FindAll(values);
    for (Resource* r : found) {
      if (placed.contains(r)) continue;
      const Tensor& value = values.find(r->key)->second;
      TRELLIS_RETURN_IF_ERROR(CheckCanHold(*r, value));
      if (r->device->is_host()) {
        placed[r] = value;
        continue;
      }
      TRELLIS_ASSIGN_OR_RETURN(placed[r], copier.FromHost(*r->device, value));
    }
    const Admitted admitted(found, /*exclusive=*/true);
    MutexLock lock(mutex_);
    // A resource may have been made since: then there is one more to enter.
    const bool complete =
        std::count_if(values.begin(), values.end(), [&](const auto& entry) {
          return FindLocked(entry.first) != nullptr;
        }) == found.size();
    if (!complete) continue;
    for (auto& [resource, value] : placed) {
      SetValue(*resource, std::move(value));
    }
    for (auto& [key, value] : values) {
      if (FindLocked(key) == nullptr) waiting_[key] = std::move(value);
    }
    return absl::OkStatus();
  }
}

}  // namespace trellis
