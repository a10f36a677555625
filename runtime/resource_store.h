// The variables of a session, and the counters of its random nodes: by key, for
// as long as the session lives, shared by all its plans.
#ifndef TRELLIS_RUNTIME_RESOURCE_STORE_H_
#define TRELLIS_RUNTIME_RESOURCE_STORE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/base/mutex.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/shape.h"
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

// Thread-safe; resources stay where they are until the store goes.
class ResourceStore {
 public:
  // The resource of that key, made if need be. InvalidArgument if it exists
  // with another dtype, a contradicting shape, or on another device.
  absl::StatusOr<Resource*> FindOrAdd(absl::string_view key, DType dtype,
                                      const Shape& shape, Device& device);
  // nullptr if there is none.
  Resource* Find(absl::string_view key) const;
  // By key.
  std::vector<Resource*> resources() const;

 private:
  mutable Mutex mutex_;
  std::map<std::string, std::unique_ptr<Resource>, std::less<>> by_key_;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_RESOURCE_STORE_H_
