// The variables of a session, and the counters of its random nodes: by key, for
// as long as the session lives, shared by all its plans.
//
// A key may have a value before it has a resource: a checkpoint is restored
// into a new session, and only compiling tells on which device a variable is.
// Such values wait in the store, in host memory, until FindOrAdd makes the
// resource.
#ifndef TRELLIS_RUNTIME_RESOURCE_STORE_H_
#define TRELLIS_RUNTIME_RESOURCE_STORE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/base/mutex.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/tensor.h"
#include "trellis/runtime/admission.h"
#include "trellis/runtime/device.h"
#include "trellis/runtime/kernel/variable_state.h"

namespace trellis {

struct Resource {
  std::string key;
  int id = 0;  // in order of creation: the order in which runs enter
  DType dtype = kInvalid;
  Shape shape;  // as declared
  Device* device = nullptr;
  Admission admission;
  VariableState state;  // guarded by admission
};

// Host tensors by the keys of resources.
using StoredValues = std::map<std::string, Tensor, std::less<>>;

// Thread-safe; resources stay where they are until the store goes.
class ResourceStore {
 public:
  // The resource of that key, made if need be, with the value that waits for
  // it. InvalidArgument if it exists with another dtype, a contradicting shape,
  // or on another device, or if such a value waits; else the device's errors.
  absl::StatusOr<Resource*> FindOrAdd(absl::string_view key, DType dtype,
                                      const Shape& shape, Device& device);
  // nullptr if there is none.
  Resource* Find(absl::string_view key) const;
  // By key.
  std::vector<Resource*> resources() const;

  // Copies of the values of all `wanted` keys that have one, as they were at
  // one moment between runs: taken under shared admission to all of them at
  // once, so runs that write wait while it copies.
  absl::StatusOr<StoredValues> Snapshot(
      const std::function<bool(absl::string_view key)>& wanted) const;

  // Gives the keys these values, at one moment between runs, under exclusive
  // admission to all of them; values of keys without a resource wait. Nothing
  // changes on failure: InvalidArgument for a dtype or shape that the resource
  // cannot have, and the devices' errors.
  // REQUIRES: each tensor has a buffer of its own, which nobody else uses any
  // more: it may become the variable's.
  absl::Status Replace(StoredValues values);

 private:
  Resource* FindLocked(absl::string_view key) const;
  // Those of `keys` that are resources, in order of their ids.
  std::vector<Resource*> FindAll(const StoredValues& keys) const;

  mutable Mutex mutex_;
  // Guarded by mutex_. A key is in one of the two at most.
  std::map<std::string, std::unique_ptr<Resource>, std::less<>> by_key_;
  StoredValues waiting_;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_RESOURCE_STORE_H_
