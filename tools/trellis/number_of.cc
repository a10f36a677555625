#include "trellis/tools/trellis/number_of.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace trellis {
namespace {

template <typename T>
double Load(const Tensor& tensor, int64_t i) {
  T value;
  std::memcpy(&value, static_cast<const char*>(tensor.data()) + i * sizeof(T),
              sizeof(T));
  return static_cast<double>(value);
}

// IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction.
double FromHalf(uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  double value = 0;
  if (exponent == 31) {
    value = fraction != 0 ? std::numeric_limits<double>::quiet_NaN()
                          : std::numeric_limits<double>::infinity();
  } else if (exponent == 0) {
    value = std::ldexp(fraction, -24);
  } else {
    value = std::ldexp(1024 + fraction, exponent - 25);
  }
  return (bits & 0x8000) != 0 ? -value : value;
}

uint16_t Bits16(const Tensor& tensor, int64_t i) {
  uint16_t bits;
  std::memcpy(&bits, static_cast<const char*>(tensor.data()) + 2 * i, 2);
  return bits;
}

}  // namespace

bool HasNumbers(DType dtype) { return DTypeSize(dtype) != 0 && !IsRef(dtype); }

int64_t NumbersPerElement(DType dtype) {
  return dtype == kComplex64 || dtype == kComplex128 ? 2 : 1;
}

double NumberOf(const Tensor& tensor, int64_t i) {
  switch (tensor.dtype()) {
    case kFloat32:
    case kComplex64:
      return Load<float>(tensor, i);
    case kFloat64:
    case kComplex128:
      return Load<double>(tensor, i);
    case kHalf:
      return FromHalf(Bits16(tensor, i));
    case kBfloat16:
      return std::bit_cast<float>(uint32_t{Bits16(tensor, i)} << 16);
    case kInt8:
    case kQint8:
      return Load<int8_t>(tensor, i);
    case kInt16:
    case kQint16:
      return Load<int16_t>(tensor, i);
    case kInt32:
    case kQint32:
      return Load<int32_t>(tensor, i);
    case kInt64:
      return Load<int64_t>(tensor, i);
    case kUint8:
    case kQuint8:
    case kBool:
      return Load<uint8_t>(tensor, i);
    case kUint16:
    case kQuint16:
      return Load<uint16_t>(tensor, i);
    case kUint32:
      return Load<uint32_t>(tensor, i);
    case kUint64:
      return static_cast<double>(Load<uint64_t>(tensor, i));
    default:
      return 0;
  }
}

}  // namespace trellis
