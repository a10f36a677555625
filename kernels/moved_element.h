// Stand-ins for elements that are moved and not looked at: uint8_t to uint64_t,
// and
#ifndef TRELLIS_KERNELS_MOVED_ELEMENT_H_
#define TRELLIS_KERNELS_MOVED_ELEMENT_H_

#include <array>
#include <cstdint>

namespace trellis {

// one of 16 bytes.
using Bytes16 = std::array<uint64_t, 2>;

}  // namespace trellis

#endif  // TRELLIS_KERNELS_MOVED_ELEMENT_H_
