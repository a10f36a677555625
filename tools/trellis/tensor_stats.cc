#include "trellis/tools/trellis/tensor_stats.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_format.h"
#include "trellis/tools/trellis/number_of.h"
#include "zlib.h"

namespace trellis {
namespace {

uint32_t Extend(uint32_t crc, const void* data, size_t bytes) {
  const auto* at = static_cast<const Bytef*>(data);
  return static_cast<uint32_t>(crc32_z(crc, at, bytes));
}

uint32_t Crc32Of(const Tensor& tensor) {
  uint32_t crc = 0;
  if (tensor.dtype() == kString) {
    for (const std::string& text : tensor.flat<std::string>()) {
      crc = Extend(crc, text.data(), text.size());
    }
  } else if (HasNumbers(tensor.dtype()) && tensor.num_elements() > 0) {
    crc = Extend(crc, tensor.data(), tensor.bytes());
  }
  return crc;
}

}  // namespace

TensorStats StatsOf(const Tensor& tensor) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  TensorStats stats = {.min = kNaN, .max = kNaN, .mean = kNaN, .std = kNaN};
  stats.l2 = kNaN;
  stats.crc32 = Crc32Of(tensor);
  if (!HasNumbers(tensor.dtype()) || tensor.num_elements() == 0) return stats;

  const int64_t n = tensor.num_elements() * NumbersPerElement(tensor.dtype());
  long double sum = 0, squares = 0;
  stats.min = stats.max = NumberOf(tensor, 0);
  for (int64_t i = 0; i < n; ++i) {
    const double x = NumberOf(tensor, i);
    stats.min = std::isnan(x) ? x : std::min(stats.min, x);
    stats.max = std::isnan(x) ? x : std::max(stats.max, x);
    stats.not_finite += std::isfinite(x) ? 0 : 1;
    sum += x;
    squares += static_cast<long double>(x) * x;
  }
  const long double mean = sum / n;
  long double deviations = 0;
  for (int64_t i = 0; i < n; ++i) {
    const long double d = NumberOf(tensor, i) - mean;
    deviations += d * d;
  }
  stats.mean = static_cast<double>(mean);
  stats.std = static_cast<double>(std::sqrt(deviations / n));
  stats.l2 = static_cast<double>(std::sqrt(squares));
  return stats;
}

std::string Crc32Text(uint32_t crc32) { return absl::StrFormat("%08x", crc32); }

}  // namespace trellis
