// Names of devices: "/job:worker/replica:0/task:1/device:GPU:0", every part
// optional (R1.53, R1.54).
#ifndef TRELLIS_GRAPH_DEVICE_NAME_H_
#define TRELLIS_GRAPH_DEVICE_NAME_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace trellis {

struct DeviceName {
  std::optional<std::string> job;
  std::optional<int> replica;
  std::optional<int> task;
  std::optional<std::string> type;  // "CPU", "GPU", ...
  std::optional<int> index;

  // Accepts the short forms "/gpu:1", "/cpu" (any capitals), missing or doubled
  // slashes, any order, and "*" for an unspecified index.
  // InvalidArgument, naming the part, for anything else.
  static absl::StatusOr<DeviceName> Parse(absl::string_view text);

  // Canonical: job, replica, task, device, "" if nothing is known. An
  // unspecified index beside a type is "*".
  std::string ToString() const;

  bool empty() const { return *this == DeviceName(); }
  // Fields that are not set here are taken from `outer` (R1.55).
  void FillFrom(const DeviceName& outer);
  // Is every field that both have the same?
  bool CompatibleWith(const DeviceName& other) const;

  bool operator==(const DeviceName&) const = default;
};

}  // namespace trellis

#endif  // TRELLIS_GRAPH_DEVICE_NAME_H_
