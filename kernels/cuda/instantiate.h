// For .cu.cc files: compiles the launches of launch.h for the functors named.
// Each stands in namespace scope, outside of any.
//
//   TRELLIS_CUDA_FOR_EACH(trellis::CastElement<float, bool>)
#ifndef TRELLIS_KERNELS_CUDA_INSTANTIATE_H_
#define TRELLIS_KERNELS_CUDA_INSTANTIATE_H_

#include <cstdint>

#include "trellis/kernels/moved_element.h"

#define TRELLIS_CUDA_FOR_EACH(...) \
  template int trellis::cuda::LaunchForEach(void*, int64_t, const __VA_ARGS__&);
#define TRELLIS_CUDA_FOR_EACH_CHECKED(...)          \
  template int trellis::cuda::LaunchForEachChecked( \
      void*, int64_t, const __VA_ARGS__&, int64_t*);
#define TRELLIS_CUDA_FOR_EACH_ROW(...)                         \
  template int trellis::cuda::LaunchForEachRow(void*, int64_t, \
                                               const __VA_ARGS__&);
#define TRELLIS_CUDA_FOR_EACH_ROW_CHECKED(...)         \
  template int trellis::cuda::LaunchForEachRowChecked( \
      void*, int64_t, const __VA_ARGS__&, int64_t*);

// For elements that are only moved: `list` of each size of element.
#define TRELLIS_CUDA_ELEMENT_SIZES(list)                     \
  list(uint8_t) list(uint16_t) list(uint32_t) list(uint64_t) \
      list(trellis::Bytes16)

#endif  // TRELLIS_KERNELS_CUDA_INSTANTIATE_H_
