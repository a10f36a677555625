#include "trellis/runtime/resource_store.h"

#include "absl/strings/str_cat.h"

namespace trellis {

absl::StatusOr<Resource*> ResourceStore::FindOrAdd(absl::string_view key,
                                                   DType dtype,
                                                   const Shape& shape,
                                                   Device& device) {
  MutexLock lock(mutex_);
  std::unique_ptr<Resource>& slot = by_key_[std::string(key)];
  if (slot == nullptr) {
    slot = std::make_unique<Resource>();
    slot->key = std::string(key);
    slot->id = static_cast<int>(by_key_.size()) - 1;
    slot->dtype = dtype;
    slot->shape = shape;
    slot->device = &device;
    return slot.get();
  }
  if (slot->dtype != dtype || !slot->shape.CompatibleWith(shape)) {
    return absl::InvalidArgumentError(
        absl::StrCat("variable ", key, " is ", DTypeName(dtype),
                     shape.ToString(), " here, but this session has it as ",
                     DTypeName(slot->dtype), slot->shape.ToString()));
  }
  if (slot->device != &device) {
    return absl::InvalidArgumentError(
        absl::StrCat("variable ", key, " is placed on ", device.name(),
                     " here, but it is on ", slot->device->name()));
  }
  return slot.get();
}

Resource* ResourceStore::Find(absl::string_view key) const {
  MutexLock lock(mutex_);
  const auto it = by_key_.find(key);
  return it == by_key_.end() ? nullptr : it->second.get();
}

std::vector<Resource*> ResourceStore::resources() const {
  MutexLock lock(mutex_);
  std::vector<Resource*> all;
  for (const auto& [key, resource] : by_key_) all.push_back(resource.get());
  return all;
}

}  // namespace trellis
