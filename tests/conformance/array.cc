#include "trellis/tests/conformance/array.h"

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "trellis/base/check.h"

namespace trellis::testing {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// ---- elements that are no numbers of C++, from doubles and back

struct Bfloat16 {
  uint16_t bits;
  explicit Bfloat16(double x)
      : bits(std::bit_cast<uint32_t>(static_cast<float>(x)) >> 16) {}
  explicit operator double() const {
    return std::bit_cast<float>(uint32_t{bits} << 16);
  }
};

// Of integers below 2048: 1 bit sign, 5 bits exponent + 15, 10 bits fraction.
struct Half {
  uint16_t bits = 0;
  explicit Half(double x) {
    if (x == 0) return;
    int exponent;
    const double fraction = std::frexp(std::abs(x), &exponent);  // [0.5, 1)
    bits =
        static_cast<uint16_t>((x < 0 ? 0x8000 : 0) | ((exponent + 14) << 10) |
                              (std::lround(fraction * 2048) & 0x3ff));
  }
  explicit operator double() const {
    if ((bits & 0x7fff) == 0) return 0;
    const double magnitude =
        std::ldexp(0x400 | (bits & 0x3ff), ((bits >> 10) & 0x1f) - 25);
    return (bits & 0x8000) != 0 ? -magnitude : magnitude;
  }
};

template <typename T>
struct Complex {
  T real, imaginary;
  explicit Complex(double x)
      : real(static_cast<T>(x)), imaginary(static_cast<T>(-x)) {}
  explicit operator double() const { return real == -imaginary ? real : kNan; }
};

template <typename T>
struct Type {
  using type = T;
};

// f(Type<T>()) where T is what lies in memory.
template <typename F>
auto WithElements(DType dtype, F f) {
  switch (dtype) {
    case kFloat32:
      return f(Type<float>());
    case kFloat64:
      return f(Type<double>());
    case kInt8:
    case kQint8:
      return f(Type<int8_t>());
    case kInt16:
    case kQint16:
      return f(Type<int16_t>());
    case kInt32:
    case kQint32:
      return f(Type<int32_t>());
    case kInt64:
      return f(Type<int64_t>());
    case kUint8:
    case kQuint8:
      return f(Type<uint8_t>());
    case kUint16:
    case kQuint16:
      return f(Type<uint16_t>());
    case kUint32:
      return f(Type<uint32_t>());
    case kUint64:
      return f(Type<uint64_t>());
    case kBool:
      return f(Type<bool>());
    case kHalf:
      return f(Type<Half>());
    case kBfloat16:
      return f(Type<Bfloat16>());
    case kComplex64:
      return f(Type<Complex<float>>());
    case kComplex128:
      return f(Type<Complex<double>>());
    case kString:
      return f(Type<std::string>());
    default:
      TRELLIS_CHECK(false) << "no array stands for " << DTypeName(dtype);
      std::abort();
  }
}

int64_t FlatIndex(const Shape& shape, const Index& index) {
  TRELLIS_CHECK(static_cast<int>(index.size()) == shape.rank());
  int64_t flat = 0;
  for (int i = 0; i < shape.rank(); ++i) {
    TRELLIS_CHECK(index[i] >= 0 && index[i] < shape.dim(i));
    flat = flat * shape.dim(i) + index[i];
  }
  return flat;
}

}  // namespace

Array::Array(DType dtype, Shape shape) : dtype(dtype), shape(std::move(shape)) {
  values.assign(this->shape.num_elements(), 0);
}

Array::Array(DType dtype, Shape shape, std::vector<double> values)
    : dtype(dtype), shape(std::move(shape)), values(std::move(values)) {
  TRELLIS_CHECK(this->shape.num_elements() == size());
}

Array::Array(DType dtype, Shape shape,
             const std::function<double(const Index&)>& f)
    : Array(dtype, std::move(shape)) {
  int64_t i = 0;
  ForEachIndex(this->shape,
               [&](const Index& index) { values[i++] = f(index); });
}

double Array::at(const Index& index) const {
  return values[FlatIndex(shape, index)];
}

double& Array::at(const Index& index) {
  return values[FlatIndex(shape, index)];
}

std::vector<int64_t> Array::integers() const {
  return std::vector<int64_t>(values.begin(), values.end());
}

void ForEachIndex(const Shape& shape,
                  const std::function<void(const Index&)>& f) {
  Index index(shape.rank(), 0);
  for (int64_t left = shape.num_elements(); left > 0; --left) {
    f(index);
    for (int i = shape.rank() - 1; i >= 0 && ++index[i] == shape.dim(i); --i) {
      index[i] = 0;
    }
  }
}

bool IsArrayType(DType dtype) {
  return dtype != kInvalid && !IsRef(dtype) && dtype != kResource &&
         dtype != kVariant;
}

bool IsFloatingPoint(DType dtype) {
  return dtype == kFloat32 || dtype == kFloat64;
}

bool IsUnsigned(DType dtype) {
  return DTypeSet{kUint8, kUint16, kUint32, kUint64, kQuint8, kQuint16}
      .contains(dtype);
}

double Rounded(DType dtype, double x) {
  if (dtype == kFloat64) return x;
  if (dtype == kFloat32) return static_cast<float>(x);
  if (dtype == kBool) return x != 0;
  // + 0.0 makes a zero positive.
  return std::nearbyint(IsUnsigned(dtype) ? std::abs(x) : x) + 0.0;
}

double Epsilon(DType dtype) {
  if (dtype == kFloat32) return std::numeric_limits<float>::epsilon();
  if (dtype == kFloat64) return std::numeric_limits<double>::epsilon();
  return 0;
}

Tensor ToTensor(const Array& array) {
  Tensor tensor(array.dtype, array.shape);
  WithElements(array.dtype, [&]<typename T>(Type<T>) {
    if constexpr (std::is_same_v<T, std::string>) {
      for (int64_t i = 0; i < array.size(); ++i) {
        tensor.flat<std::string>()[i] =
            array[i] == 0 ? "" : absl::StrCat(array[i]);
      }
    } else {
      T* elements = static_cast<T*>(tensor.data());
      for (int64_t i = 0; i < array.size(); ++i) {
        elements[i] = static_cast<T>(array[i]);
      }
    }
  });
  return tensor;
}

Array FromTensor(const Tensor& tensor) {
  Array array(tensor.dtype(), tensor.shape());
  WithElements(tensor.dtype(), [&]<typename T>(Type<T>) {
    if constexpr (std::is_same_v<T, std::string>) {
      for (int64_t i = 0; i < array.size(); ++i) {
        const std::string& text = tensor.flat<std::string>()[i];
        array[i] = text.empty() ? 0 : std::strtod(text.c_str(), nullptr);
      }
    } else {
      const T* elements = static_cast<const T*>(tensor.data());
      for (int64_t i = 0; i < array.size(); ++i) {
        array[i] = static_cast<double>(elements[i]);
      }
    }
  });
  return array;
}

}  // namespace trellis::testing
