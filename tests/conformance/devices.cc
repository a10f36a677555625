#include "trellis/tests/conformance/devices.h"

#include "trellis/ops/all.h"

namespace trellis::testing {

const OpRegistry& TestedOps() {
  // Never destroyed, as the built-in registries.
  static const OpRegistry* const kOps = [] {
    auto* ops = new OpRegistry;
    RegisterAllOps(*ops);
    return ops;
  }();
  return *kOps;
}

}  // namespace trellis::testing
