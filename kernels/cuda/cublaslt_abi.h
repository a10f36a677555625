// What is called of cuBLASLt, by its binary interface, so that no header of
// CUDA's reaches this project's code; tests/kernels/cublaslt_abi_test.cc holds
// it against the header.
#ifndef TRELLIS_KERNELS_CUDA_CUBLASLT_ABI_H_
#define TRELLIS_KERNELS_CUDA_CUBLASLT_ABI_H_

#include <cstddef>
#include <cstdint>

namespace trellis::cublaslt {

// Handles and descriptors are pointers to what the library allocates,
// enumerations int.
using Object = void*;

struct Algorithm {
  uint64_t data[8];
};

struct Heuristic {
  Algorithm algorithm;
  size_t workspace_bytes;
  int status;
  float waves;
  int reserved[4];
};

inline constexpr int kSuccess = 0;
inline constexpr int kNotInitialized = 1;
inline constexpr int kAllocationFailed = 3;
inline constexpr int kNotSupported = 15;

inline constexpr int kFloat = 0;  // cudaDataType
inline constexpr int kDouble = 1;
inline constexpr int kComputeFloat = 68;  // cublasComputeType_t: not TF32
inline constexpr int kComputeDouble = 70;
inline constexpr int kTransposed = 1;         // cublasOperation_t
inline constexpr int kTransposeLeft = 3;      // of a product's descriptor
inline constexpr int kTransposeRight = 4;     //
inline constexpr int kMaxWorkspaceBytes = 1;  // of preferences
inline constexpr int kFirstMinAlignment = 5;  // of four matrices, in a row

using Create = int(Object* handle);
using Destroy = int(Object object);
using CreateProduct = int(Object* product, int compute_type, int scale_type);
using CreateLayout = int(Object* layout, int type, uint64_t rows,
                         uint64_t columns, int64_t leading);
using SetAttribute = int(Object object, int attribute, const void* value,
                         size_t bytes);
using GetHeuristic = int(Object handle, Object product, Object left,
                         Object right, Object c, Object result,
                         Object preferences, int wanted, Heuristic* found,
                         int* num_found);
using Multiply = int(Object handle, Object product, const void* alpha,
                     const void* left, Object left_layout, const void* right,
                     Object right_layout, const void* beta, const void* c,
                     Object c_layout, void* result, Object result_layout,
                     const Algorithm* algorithm, void* workspace,
                     size_t workspace_bytes, void* stream);

}  // namespace trellis::cublaslt

#endif  // TRELLIS_KERNELS_CUDA_CUBLASLT_ABI_H_
