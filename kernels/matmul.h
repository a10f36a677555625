// The product of two matrices, on the host's processor.
//
// Both operands are packed into panels in the order in which the inner loop
// reads them; then each tile of the result is made from one panel of each:
//
//   a [m, k] -> panels of tile.rows rows,       [panels, k, tile.rows]
//   b [k, n] -> panels of tile.columns columns, [panels, k, tile.columns]
//
// The last panels are filled up with zeros.
#ifndef TRELLIS_KERNELS_MATMUL_H_
#define TRELLIS_KERNELS_MATMUL_H_

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/dtype.h"
#include "trellis/kernels/matmul_tile.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

// Packs panels [begin, end) of a matrix. "Lines" are the rows of a or the
// columns of b, of k elements each.
template <typename T>
struct PackPanels {
  const T* matrix;
  int64_t line_stride;     // from a line to the next
  int64_t element_stride;  // from an element of a line to the next
  int64_t lines;
  int64_t k;
  int64_t width;  // lines of a panel
  T* packed;      // [panels, k, width]

  void operator()(int64_t begin, int64_t end) const {
    for (int64_t panel = begin; panel < end; ++panel) {
      const T* from = matrix + panel * width * line_stride;
      T* to = packed + panel * width * k;
      const int64_t present = std::min(width, lines - panel * width);
      if (present < width) std::fill_n(to, width * k, T{0});
      if (line_stride == 1) {
        for (int64_t p = 0; p < k; ++p) {
          std::copy_n(from + p * element_stride, present, to + p * width);
        }
      } else {
        for (int64_t l = 0; l < present; ++l) {
          const T* line = from + l * line_stride;
          for (int64_t p = 0; p < k; ++p) {
            to[p * width + l] = line[p * element_stride];
          }
        }
      }
    }
  }
};

// Makes tiles [begin, end) of the result; those of one panel of b are
// neighbours.
template <typename T>
struct MultiplyPanels {
  const T* a;  // [row_panels, k, tile.rows]
  const T* b;  // [panels, k, tile.columns]
  T* c;        // [m, n]
  int64_t m, n, k;
  int64_t row_panels;
  MatMulTile<T> tile;

  void operator()(int64_t begin, int64_t end) const {
    alignas(64) T result[MatMulTile<T>::kMaxElements];
    for (int64_t i = begin; i < end; ++i) {
      const int64_t row_panel = i % row_panels, column_panel = i / row_panels;
      tile.multiply(k, a + row_panel * tile.rows * k,
                    b + column_panel * tile.columns * k, result);
      const int64_t row = row_panel * tile.rows;
      const int64_t column = column_panel * tile.columns;
      const int64_t rows = std::min<int64_t>(tile.rows, m - row);
      const int64_t columns = std::min<int64_t>(tile.columns, n - column);
      for (int64_t r = 0; r < rows; ++r) {
        std::copy_n(result + r * tile.columns, columns,
                    c + (row + r) * n + column);
      }
    }
  }
};

template <typename Device, typename T>
class MatMulKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    transpose_a_ = c.attr<bool>("transpose_a");
    transpose_b_ = c.attr<bool>("transpose_b");
    m_ = c.output_shape(0).dim(0);
    n_ = c.output_shape(0).dim(1);
    k_ = c.input_shape(0).dim(transpose_a_ ? 0 : 1);
    tile_ = BestMatMulTile<T>();
    row_panels_ = (m_ + tile_.rows - 1) / tile_.rows;
    column_panels_ = (n_ + tile_.columns - 1) / tile_.columns;
    if (m_ > 0 && n_ > 0) {
      c.RequestScratch(sizeof(T) * (PackedA() + PackedB()));
    }
    return absl::OkStatus();
  }

  absl::Status Run(RunContext& c) const override {
    if (m_ == 0 || n_ == 0) return absl::OkStatus();
    T* packed_a = static_cast<T*>(c.scratch());
    T* packed_b = packed_a + PackedA();
    TRELLIS_RETURN_IF_ERROR(Device::ForRanges(
        c, row_panels_, Device::Grain(tile_.rows * k_),
        PackPanels<T>{c.input<T>(0), transpose_a_ ? 1 : k_,
                      transpose_a_ ? m_ : 1, m_, k_, tile_.rows, packed_a}));
    TRELLIS_RETURN_IF_ERROR(Device::ForRanges(
        c, column_panels_, Device::Grain(tile_.columns * k_),
        PackPanels<T>{c.input<T>(1), transpose_b_ ? k_ : 1,
                      transpose_b_ ? 1 : n_, n_, k_, tile_.columns, packed_b}));
    const int64_t tile_cost =
        tile_.rows * tile_.columns * (k_ / kProductsPerCost + 1);
    return Device::ForRanges(
        c, row_panels_ * column_panels_, Device::Grain(tile_cost),
        MultiplyPanels<T>{packed_a, packed_b, c.output<T>(0), m_, n_, k_,
                          row_panels_, tile_});
  }

 private:
  // Multiplications and additions from registers in the time of one from
  // memory.
  static constexpr int64_t kProductsPerCost = 16;

  // Elements of the packed operands.
  int64_t PackedA() const { return row_panels_ * tile_.rows * k_; }
  int64_t PackedB() const { return column_panels_ * tile_.columns * k_; }

  bool transpose_a_ = false;
  bool transpose_b_ = false;
  int64_t m_ = 0, n_ = 0, k_ = 0;
  MatMulTile<T> tile_ = {};
  int64_t row_panels_ = 0;
  int64_t column_panels_ = 0;
};

template <typename Device>
void AddMatMulKernels(KernelRegistry& r, absl::string_view device) {
  r.Add<MatMulKernel<Device, float>>("MatMul", device, kFloat32);
  r.Add<MatMulKernel<Device, double>>("MatMul", device, kFloat64);
  r.Add<MatMulKernel<Device, int32_t>>("MatMul", device, kInt32);
  r.Add<MatMulKernel<Device, int64_t>>("MatMul", device, kInt64);
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_MATMUL_H_
