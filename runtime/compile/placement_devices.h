// The devices of a session as placement looks at them: sorted, by type.
#ifndef TRELLIS_RUNTIME_COMPILE_PLACEMENT_DEVICES_H_
#define TRELLIS_RUNTIME_COMPILE_PLACEMENT_DEVICES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "trellis/graph/device_name.h"
#include "trellis/runtime/device.h"

namespace trellis {

// A set of device types: bit i is PlacementDevices::types[i].
using TypeSet = uint64_t;

struct PlacementDevices {
  struct Type {
    std::string name;
    // Memory that holds objects (strings), not only numbers.
    bool is_host = false;
  };
  struct Entry {
    int device = 0;  // index in the DeviceSet
    int type = 0;    // index in `types`
    DeviceName name;
  };

  // InvalidArgument if a device's name does not parse; FailedPrecondition if
  // there is no device, or more than 64 types of them.
  static absl::StatusOr<PlacementDevices> Make(const DeviceSet& devices);

  // The devices that agree with every field of `name` and have a type of
  // `types`, as indices in `entries`.
  std::vector<int> Matching(const DeviceName& name, TypeSet types) const;
  TypeSet all_types() const;

  // "CPU, GPU".
  std::string TypeNames(TypeSet of) const;
  // The full names of all devices, sorted (R5.15).
  std::string DeviceNames() const;

  std::vector<Type> types;     // preferred first (R5.1)
  std::vector<Entry> entries;  // preferred first (R5.1)
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_COMPILE_PLACEMENT_DEVICES_H_
