#include "trellis/runtime/compile/placement_devices.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_join.h"
#include "trellis/base/status_macros.h"

namespace trellis {
namespace {

constexpr size_t kMaxTypes = 64;

}  // namespace

absl::StatusOr<PlacementDevices> PlacementDevices::Make(
    const DeviceSet& devices) {
  if (devices.size() == 0) {
    return absl::FailedPreconditionError(
        "there is no device to place nodes on");
  }
  std::vector<int> order(devices.size());
  for (int i = 0; i < devices.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](int a, int b) {
    const auto key = [&](int i) {
      return std::tuple(-devices.priority(i), devices.device(i).name());
    };
    return key(a) < key(b);
  });
  PlacementDevices result;
  for (int i : order) {
    const Device& device = devices.device(i);
    TRELLIS_ASSIGN_OR_RETURN(DeviceName name, DeviceName::Parse(device.name()));
    const auto it =
        std::find_if(result.types.begin(), result.types.end(),
                     [&](const Type& t) { return t.name == device.type(); });
    const int type = static_cast<int>(it - result.types.begin());
    if (it == result.types.end()) {
      result.types.push_back({device.type(), device.is_host()});
    }
    result.entries.push_back({i, type, std::move(name)});
  }
  if (result.types.size() > kMaxTypes) {
    return absl::FailedPreconditionError("more than 64 types of devices");
  }
  return result;
}

std::vector<int> PlacementDevices::Matching(const DeviceName& name,
                                            TypeSet of) const {
  std::vector<int> matching;
  for (size_t i = 0; i < entries.size(); ++i) {
    if ((of >> entries[i].type & 1) != 0 &&
        entries[i].name.CompatibleWith(name)) {
      matching.push_back(static_cast<int>(i));
    }
  }
  return matching;
}

TypeSet PlacementDevices::all_types() const {
  return ~TypeSet{0} >> (kMaxTypes - types.size());
}

std::string PlacementDevices::TypeNames(TypeSet of) const {
  std::vector<absl::string_view> names;
  for (size_t t = 0; t < types.size(); ++t) {
    if ((of >> t & 1) != 0) names.push_back(types[t].name);
  }
  return absl::StrJoin(names, ", ");
}

std::string PlacementDevices::DeviceNames() const {
  std::vector<std::string> names;
  for (const Entry& entry : entries) names.push_back(entry.name.ToString());
  std::sort(names.begin(), names.end());
  return absl::StrJoin(names, ", ");
}

}  // namespace trellis
