// The GPU of a program of this folder: the machine's (here.cc), or one that is
// nothing but a fake driver and the host (on_host.cc), which is always there.
// Each defines this and tests/conformance/devices.h.
#ifndef TRELLIS_TESTS_GPU_GPU_H_
#define TRELLIS_TESTS_GPU_GPU_H_

#include <cstddef>
#include <string>

namespace trellis::testing {

// Why there is none; "" if there is one.
std::string WhyNoGpu();

// Of its memory, by everybody. REQUIRES: there is one.
size_t GpuBytesInUse();

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_GPU_GPU_H_
