// The element types of tensors, with TensorFlow's names and numbers.
//
// DType has the numeric values of TensorFlow's DataType enum, so a cast
// converts between the two. A *reference* type is its base type plus 100: the
// output of a TensorFlow-1 variable, whose consumers may write it.
#ifndef TRELLIS_GRAPH_DTYPE_H_
#define TRELLIS_GRAPH_DTYPE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace trellis {

enum DType : uint8_t {
  kInvalid = 0,
  kFloat32 = 1,
  kFloat64 = 2,
  kInt32 = 3,
  kUint8 = 4,
  kInt16 = 5,
  kInt8 = 6,
  kString = 7,
  kComplex64 = 8,
  kInt64 = 9,
  kBool = 10,
  kQint8 = 11,
  kQuint8 = 12,
  kQint32 = 13,
  kBfloat16 = 14,
  kQint16 = 15,
  kQuint16 = 16,
  kUint16 = 17,
  kComplex128 = 18,
  kHalf = 19,
  kResource = 20,
  kVariant = 21,
  kUint32 = 22,
  kUint64 = 23,
};

inline constexpr int kRefOffset = 100;

constexpr bool IsRef(DType t) { return t > kRefOffset; }
constexpr DType BaseType(DType t) {
  return IsRef(t) ? static_cast<DType>(t - kRefOffset) : t;
}
constexpr DType MakeRef(DType t) {
  return static_cast<DType>(BaseType(t) + kRefOffset);
}

// "float32", "int64", "string", ...; references as "float32_ref". What is no
// type of ours prints as "dtype(97)".
std::string DTypeName(DType t);

// The inverse of DTypeName; also takes TensorFlow's "float", "double" and
// "half". nullopt for any other text.
std::optional<DType> ParseDType(absl::string_view name);

// True for the values of the enum and their references, kInvalid excluded.
bool IsKnownDType(int value);

// Bytes of one element in memory; 0 where elements are objects (string,
// resource, variant) and for kInvalid.
size_t DTypeSize(DType t);

// A set of base types: what an op's attribute of kind "type" may be.
class DTypeSet {
 public:
  constexpr DTypeSet() = default;
  constexpr DTypeSet(std::initializer_list<DType> types) {
    for (DType t : types) bits_ |= Bit(t);
  }
  constexpr bool contains(DType t) const {
    return t < 64 && (bits_ & Bit(t)) != 0;
  }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr DTypeSet operator|(DTypeSet other) const {
    DTypeSet both;
    both.bits_ = bits_ | other.bits_;
    return both;
  }
  constexpr bool operator==(const DTypeSet&) const = default;
  // In the order of the enum.
  std::vector<DType> types() const;
  // "float32, float64".
  std::string ToString() const;

 private:
  static constexpr uint64_t Bit(DType t) { return uint64_t{1} << t; }
  uint64_t bits_ = 0;
};

inline constexpr DTypeSet kFloatTypes = {kBfloat16, kHalf, kFloat32, kFloat64};
inline constexpr DTypeSet kComplexTypes = {kComplex64, kComplex128};
inline constexpr DTypeSet kIntegerTypes = {kInt8,  kInt16,  kInt32,  kInt64,
                                           kUint8, kUint16, kUint32, kUint64};
// What TensorFlow's op definitions call "realnumbertype" and "numbertype".
inline constexpr DTypeSet kRealNumberTypes = kFloatTypes | kIntegerTypes;
inline constexpr DTypeSet kNumberTypes =
    kRealNumberTypes | kComplexTypes | DTypeSet{kQint8, kQuint8, kQint32};
inline constexpr DTypeSet kIndexTypes = {kInt32, kInt64};
// "Any type": an empty set means that nothing is excluded.
inline constexpr DTypeSet kAllTypes = {};

struct ResourceHandle;

// DTypeOf<float> is kFloat32.
template <typename T>
struct DTypeOfTrait;
template <typename T>
inline constexpr DType DTypeOf = DTypeOfTrait<T>::value;

template <DType type>
struct DTypeConstant {
  static constexpr DType value = type;
};
template <>
struct DTypeOfTrait<float> : DTypeConstant<kFloat32> {};
template <>
struct DTypeOfTrait<double> : DTypeConstant<kFloat64> {};
template <>
struct DTypeOfTrait<int8_t> : DTypeConstant<kInt8> {};
template <>
struct DTypeOfTrait<int16_t> : DTypeConstant<kInt16> {};
template <>
struct DTypeOfTrait<int32_t> : DTypeConstant<kInt32> {};
template <>
struct DTypeOfTrait<int64_t> : DTypeConstant<kInt64> {};
template <>
struct DTypeOfTrait<uint8_t> : DTypeConstant<kUint8> {};
template <>
struct DTypeOfTrait<uint16_t> : DTypeConstant<kUint16> {};
template <>
struct DTypeOfTrait<uint32_t> : DTypeConstant<kUint32> {};
template <>
struct DTypeOfTrait<uint64_t> : DTypeConstant<kUint64> {};
template <>
struct DTypeOfTrait<bool> : DTypeConstant<kBool> {};
template <>
struct DTypeOfTrait<std::string> : DTypeConstant<kString> {};
template <>
struct DTypeOfTrait<ResourceHandle> : DTypeConstant<kResource> {};

}  // namespace trellis

#endif  // TRELLIS_GRAPH_DTYPE_H_
