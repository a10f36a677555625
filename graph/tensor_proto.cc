#include "trellis/graph/tensor_proto.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "trellis/base/check.h"
#include "trellis/base/checked_int.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/proto_io.h"

namespace trellis {
namespace {

using absl::InvalidArgumentError;
using absl::StrCat;

static_assert(std::endian::native == std::endian::little,
              "tensor_content is little-endian");

// TensorFlow's runtime shortens equal elements from here on.
constexpr int64_t kMinRepeated = 64;

// The highest number of a type that TensorFlow has and we lack.
constexpr int kLastForeignType = 33;

bool IsWrittenAsContent(DType dtype) {
  constexpr DTypeSet kContentTypes = {
      kFloat32, kFloat64, kInt8,  kInt16,  kInt32,  kInt64,   kUint8,
      kUint32,  kUint64,  kQint8, kQuint8, kQint16, kQuint16, kQint32};
  return kContentTypes.contains(dtype);
}

absl::StatusOr<DType> ValueType(int number) {
  if (number == 0) return InvalidArgumentError("a tensor has no dtype");
  if (number < 0 || (number > kLastForeignType && !IsKnownDType(number))) {
    return InvalidArgumentError(
        StrCat("a tensor has dtype ", number, ", which is none"));
  }
  const auto dtype = static_cast<DType>(number);
  if (IsRef(dtype)) {
    return InvalidArgumentError(
        StrCat("a tensor has the reference type ", DTypeName(dtype)));
  }
  if (!IsKnownDType(number) || dtype == kResource || dtype == kVariant) {
    return absl::UnimplementedError(
        StrCat("tensors of dtype ", DTypeName(dtype), " have no values here"));
  }
  return dtype;
}

// Room for the elements, of which the message holds `held`.
absl::StatusOr<Tensor> NewTensor(DType dtype, const Shape& shape, int64_t held,
                                 DecodeState& state) {
  const int64_t missing = shape.num_elements() - held;
  if (missing > 0) {
    const size_t size =
        dtype == kString ? sizeof(std::string) : DTypeSize(dtype);
    const auto bytes = CheckedMul(missing, static_cast<int64_t>(size));
    if (!bytes.has_value() || *bytes > state.expandable_bytes) {
      return InvalidArgumentError(
          StrCat("a tensor of shape ", shape.ToString(), " is given by ", held,
                 " values; filling in the rest would pass the limit of ",
                 state.expandable_bytes, " bytes"));
    }
    state.expandable_bytes -= *bytes;
  }
  return Tensor::Allocate(dtype, shape);
}

// The elements of a list; `width` values each, two for complex numbers.
template <typename T, typename List>
absl::StatusOr<Tensor> FromList(DType dtype, const Shape& shape,
                                const List& list, int width,
                                DecodeState& state) {
  const int64_t given =
      std::min<int64_t>(shape.num_elements(), list.size() / width);
  TRELLIS_ASSIGN_OR_RETURN(Tensor tensor,
                           NewTensor(dtype, shape, given, state));
  const int64_t n = shape.num_elements() * width;
  const int64_t held = given * width;
  T* out = static_cast<T*>(tensor.data());
  for (int64_t i = 0; i < held; ++i) {
    out[i] = static_cast<T>(list.Get(static_cast<int>(i)));
  }
  if (held == 0) {
    std::fill_n(out, n, T());
  } else {
    for (int64_t i = held; i < n; ++i) out[i] = out[i - width];
  }
  return tensor;
}

absl::StatusOr<Tensor> FromLists(DType dtype, const Shape& shape,
                                 const proto::TensorProto& m,
                                 DecodeState& state) {
  switch (dtype) {
    case kFloat32:
      return FromList<float>(dtype, shape, m.float_val(), 1, state);
    case kFloat64:
      return FromList<double>(dtype, shape, m.double_val(), 1, state);
    case kInt32:
    case kQint32:
      return FromList<int32_t>(dtype, shape, m.int_val(), 1, state);
    case kInt16:
    case kQint16:
      return FromList<int16_t>(dtype, shape, m.int_val(), 1, state);
    case kUint16:
    case kQuint16:
      return FromList<uint16_t>(dtype, shape, m.int_val(), 1, state);
    case kInt8:
    case kQint8:
      return FromList<int8_t>(dtype, shape, m.int_val(), 1, state);
    case kUint8:
    case kQuint8:
      return FromList<uint8_t>(dtype, shape, m.int_val(), 1, state);
    case kInt64:
      return FromList<int64_t>(dtype, shape, m.int64_val(), 1, state);
    case kUint32:
      return FromList<uint32_t>(dtype, shape, m.uint32_val(), 1, state);
    case kUint64:
      return FromList<uint64_t>(dtype, shape, m.uint64_val(), 1, state);
    case kBool:
      return FromList<bool>(dtype, shape, m.bool_val(), 1, state);
    case kHalf:
    case kBfloat16:
      return FromList<uint16_t>(dtype, shape, m.half_val(), 1, state);
    case kComplex64:
      return FromList<float>(dtype, shape, m.scomplex_val(), 2, state);
    case kComplex128:
      return FromList<double>(dtype, shape, m.dcomplex_val(), 2, state);
    case kString:
      return FromList<std::string>(dtype, shape, m.string_val(), 1, state);
    default:
      break;
  }
  return absl::InternalError(StrCat("no list for dtype ", DTypeName(dtype)));
}

// Reads a varint32 from the front of `bytes`.
bool ConsumeLength(absl::string_view* bytes, uint64_t* length) {
  *length = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    if (bytes->empty()) return false;
    const auto byte = static_cast<unsigned char>(bytes->front());
    bytes->remove_prefix(1);
    *length |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

// Lengths as varints, then the strings.
absl::StatusOr<Tensor> StringsFromContent(const Shape& shape,
                                          absl::string_view content) {
  const int64_t n = shape.num_elements();
  if (n > static_cast<int64_t>(content.size())) {
    return InvalidArgumentError(StrCat("the content of ", n, " strings has ",
                                       content.size(), " bytes"));
  }
  std::vector<uint64_t> lengths(n);
  for (int64_t i = 0; i < n; ++i) {
    if (!ConsumeLength(&content, &lengths[i])) {
      return InvalidArgumentError(
          StrCat("the content of ", n, " strings ends in length ", i));
    }
  }
  TRELLIS_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Allocate(kString, shape));
  for (int64_t i = 0; i < n; ++i) {
    if (lengths[i] > content.size()) {
      return InvalidArgumentError(
          StrCat("string ", i, " is said to have ", lengths[i], " bytes, but ",
                 content.size(), " are left of the content"));
    }
    tensor.flat<std::string>()[i].assign(content.data(), lengths[i]);
    content.remove_prefix(lengths[i]);
  }
  if (!content.empty()) {
    return InvalidArgumentError(
        StrCat(content.size(), " bytes follow the last string of the content"));
  }
  return tensor;
}

absl::StatusOr<Tensor> FromContent(DType dtype, const Shape& shape,
                                   const std::string& content) {
  if (dtype == kString) return StringsFromContent(shape, content);
  const auto bytes =
      CheckedMul(shape.num_elements(), static_cast<int64_t>(DTypeSize(dtype)));
  if (!bytes.has_value() || static_cast<uint64_t>(*bytes) != content.size()) {
    return InvalidArgumentError(
        StrCat("the content of a tensor has ", content.size(), " bytes; ",
               DTypeName(dtype), shape.ToString(), " needs ",
               bytes.has_value() ? StrCat(*bytes) : "more than 2^63"));
  }
  if (dtype == kBool) {
    for (char c : content) {
      if (c != 0 && c != 1) {
        return InvalidArgumentError(
            StrCat("the content of a bool tensor has a byte ",
                   static_cast<unsigned char>(c), "; must be 0 or 1"));
      }
    }
  }
  TRELLIS_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Allocate(dtype, shape));
  std::memcpy(tensor.data(), content.data(), content.size());
  return tensor;
}

bool AllEqual(const Tensor& tensor) {
  if (tensor.dtype() == kString) {
    const auto flat = tensor.flat<std::string>();
    return std::all_of(flat.begin(), flat.end(),
                       [&](const std::string& s) { return s == flat[0]; });
  }
  const size_t element = DTypeSize(tensor.dtype());
  const char* data = static_cast<const char*>(tensor.data());
  return std::memcmp(data, data + element, tensor.bytes() - element) == 0;
}

template <typename T, typename Field>
void ToList(const Tensor& tensor, int64_t count, Field* list) {
  list->Reserve(static_cast<int>(count));
  const T* data = static_cast<const T*>(tensor.data());
  for (int64_t i = 0; i < count; ++i) list->Add(data[i]);
}

// The first `count` elements.
void ToLists(const Tensor& t, int64_t count, proto::TensorProto* m) {
  switch (t.dtype()) {
    case kFloat32:
      return ToList<float>(t, count, m->mutable_float_val());
    case kFloat64:
      return ToList<double>(t, count, m->mutable_double_val());
    case kInt32:
    case kQint32:
      return ToList<int32_t>(t, count, m->mutable_int_val());
    case kInt16:
    case kQint16:
      return ToList<int16_t>(t, count, m->mutable_int_val());
    case kUint16:
    case kQuint16:
      return ToList<uint16_t>(t, count, m->mutable_int_val());
    case kInt8:
    case kQint8:
      return ToList<int8_t>(t, count, m->mutable_int_val());
    case kUint8:
    case kQuint8:
      return ToList<uint8_t>(t, count, m->mutable_int_val());
    case kInt64:
      return ToList<int64_t>(t, count, m->mutable_int64_val());
    case kUint32:
      return ToList<uint32_t>(t, count, m->mutable_uint32_val());
    case kUint64:
      return ToList<uint64_t>(t, count, m->mutable_uint64_val());
    case kBool:
      return ToList<bool>(t, count, m->mutable_bool_val());
    case kHalf:
    case kBfloat16:
      return ToList<uint16_t>(t, count, m->mutable_half_val());
    case kComplex64:
      return ToList<float>(t, 2 * count, m->mutable_scomplex_val());
    case kComplex128:
      return ToList<double>(t, 2 * count, m->mutable_dcomplex_val());
    case kString:
      for (int64_t i = 0; i < count; ++i) {
        m->add_string_val(t.flat<std::string>()[i]);
      }
      return;
    default:
      TRELLIS_CHECK(false) << "no list for dtype " << DTypeName(t.dtype());
  }
}

}  // namespace

absl::StatusOr<Shape> ShapeFromProto(const proto::TensorShapeProto& message,
                                     DecodeState& state) {
  if (HasUnknownFields(message)) state.exact = false;
  if (message.unknown_rank()) {
    if (message.dim_size() == 0) return Shape::Unknown();
    return InvalidArgumentError(StrCat("a shape of unknown rank has ",
                                       message.dim_size(), " dimensions"));
  }
  absl::InlinedVector<int64_t, 8> dims;
  for (const auto& dim : message.dim()) {
    if (!dim.name().empty() || HasUnknownFields(dim)) state.exact = false;
    dims.push_back(dim.size());
  }
  return Shape::Make(dims);
}

void ShapeToProto(const Shape& shape, proto::TensorShapeProto* message) {
  message->Clear();
  message->set_unknown_rank(!shape.known_rank());
  for (int64_t dim : shape.dims()) message->add_dim()->set_size(dim);
}

absl::StatusOr<Tensor> TensorFromProto(const proto::TensorProto& message,
                                       DecodeState& state) {
  if (HasUnknownFields(message) || message.version_number() != 0) {
    state.exact = false;
  }
  TRELLIS_ASSIGN_OR_RETURN(const DType dtype, ValueType(message.dtype()));
  TRELLIS_ASSIGN_OR_RETURN(const Shape shape,
                           ShapeFromProto(message.tensor_shape(), state));
  if (!shape.fully_defined()) {
    return InvalidArgumentError(StrCat("a tensor has shape ", shape.ToString(),
                                       "; every dimension must be known"));
  }
  if (shape.num_elements() > 0 && !message.tensor_content().empty()) {
    return FromContent(dtype, shape, message.tensor_content());
  }
  return FromLists(dtype, shape, message, state);
}

void TensorToProto(const Tensor& tensor, proto::TensorProto* message) {
  TRELLIS_CHECK(tensor.valid());
  message->Clear();
  message->set_dtype(static_cast<proto::DataType>(tensor.dtype()));
  ShapeToProto(tensor.shape(), message->mutable_tensor_shape());
  const int64_t n = tensor.num_elements();
  if (n >= kMinRepeated && AllEqual(tensor)) {
    ToLists(tensor, 1, message);
  } else if (n > 1 && IsWrittenAsContent(tensor.dtype())) {
    message->set_tensor_content(tensor.data(), tensor.bytes());
  } else {
    ToLists(tensor, n, message);
  }
}

}  // namespace trellis
