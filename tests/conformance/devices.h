// What a conformance test runs, and on which devices.
#ifndef TRELLIS_TESTS_CONFORMANCE_DEVICES_H_
#define TRELLIS_TESTS_CONFORMANCE_DEVICES_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "trellis/graph/op_schema.h"
#include "trellis/runtime/device.h"
#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis::testing {

const OpRegistry& TestedOps();

// ---- each program's own

std::vector<absl::string_view> TestedDeviceTypes();
const KernelRegistry& TestedKernels();
// A CPU, and a device of that type.
const DeviceRegistry& DevicesWith(absl::string_view type);

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_CONFORMANCE_DEVICES_H_
