// Marks functions that the host and, under nvcc, the GPU run.
#ifndef TRELLIS_KERNELS_HOST_DEVICE_H_
#define TRELLIS_KERNELS_HOST_DEVICE_H_

#ifdef __CUDACC__
#define TRELLIS_HOST_DEVICE __host__ __device__
#else
#define TRELLIS_HOST_DEVICE
#endif

#endif  // TRELLIS_KERNELS_HOST_DEVICE_H_
