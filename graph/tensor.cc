#include "trellis/graph/tensor.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace trellis {
namespace {

constexpr size_t kAlignment = 64;

size_t SizeInMemory(DType dtype) {
  switch (dtype) {
    case kString:
      return sizeof(std::string);
    case kResource:
      return sizeof(ResourceHandle);
    default:
      return DTypeSize(dtype);
  }
}

// Objects (or nothing but bytes) in aligned host memory.
template <typename T>
class HostBuffer final : public Buffer {
 public:
  HostBuffer(void* data, size_t bytes, int64_t count)
      : Buffer(data, bytes), count_(count) {
    std::uninitialized_default_construct_n(static_cast<T*>(data), count_);
  }
  ~HostBuffer() override {
    std::destroy_n(static_cast<T*>(data()), count_);
    std::free(data());
  }

 private:
  const int64_t count_;
};

class BorrowedBuffer final : public Buffer {
 public:
  using Buffer::Buffer;
};

template <typename T>
void AppendElements(const Tensor& t, int64_t count, std::string* out) {
  for (int64_t i = 0; i < count; ++i) absl::StrAppend(out, " ", t.flat<T>()[i]);
}

}  // namespace

absl::StatusOr<Tensor> Tensor::Allocate(DType dtype, const Shape& shape) {
  const size_t element = SizeInMemory(dtype);
  if (element == 0 || IsRef(dtype) || !shape.fully_defined()) {
    return absl::InvalidArgumentError(
        absl::StrCat("no tensor can have dtype ", DTypeName(dtype),
                     " and shape ", shape.ToString()));
  }
  const int64_t count = shape.num_elements();
  size_t bytes = 0;
  if (__builtin_mul_overflow(element, static_cast<size_t>(count), &bytes) ||
      bytes > SIZE_MAX / 2) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "a tensor of shape ", shape.ToString(), " does not fit into memory"));
  }
  const size_t rounded =
      std::max(kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment);
  void* data = std::aligned_alloc(kAlignment, rounded);
  if (data == nullptr) {
    return absl::ResourceExhaustedError(
        absl::StrCat("no memory for a tensor of shape ", shape.ToString(), " (",
                     bytes, " bytes)"));
  }
  std::shared_ptr<Buffer> buffer;
  if (dtype == kString) {
    buffer = std::make_shared<HostBuffer<std::string>>(data, bytes, count);
  } else if (dtype == kResource) {
    buffer = std::make_shared<HostBuffer<ResourceHandle>>(data, bytes, count);
  } else {
    buffer = std::make_shared<HostBuffer<char>>(data, bytes, 0);
  }
  return Tensor(dtype, shape, std::move(buffer));
}

Tensor::Tensor(DType dtype, const Shape& shape) {
  absl::StatusOr<Tensor> made = Allocate(dtype, shape);
  TRELLIS_CHECK(made.ok()) << made.status().ToString();
  *this = *std::move(made);
}

Tensor::Tensor(DType dtype, Shape shape, std::shared_ptr<Buffer> buffer)
    : dtype_(dtype),
      shape_(std::move(shape)),
      num_elements_(shape_.num_elements()),
      buffer_(std::move(buffer)) {
  TRELLIS_CHECK(num_elements_ >= 0) << "shape " << shape_.ToString();
}

Tensor Tensor::BorrowBytes(void* data, DType dtype, const Shape& shape) {
  const size_t bytes = SizeInMemory(dtype) * shape.num_elements();
  return Tensor(dtype, shape, std::make_shared<BorrowedBuffer>(data, bytes));
}

size_t Tensor::bytes() const { return SizeInMemory(dtype_) * num_elements_; }

Tensor Tensor::Reshaped(const Shape& shape) const {
  TRELLIS_CHECK(shape.num_elements() == num_elements_)
      << shape_.ToString() << " to " << shape.ToString();
  return Tensor(dtype_, shape, buffer_);
}

Tensor Tensor::Clone() const {
  if (!valid()) return Tensor();
  Tensor copy(dtype_, shape_);
  if (dtype_ == kString) {
    std::copy_n(flat<std::string>().data(), num_elements_,
                copy.flat<std::string>().data());
  } else if (dtype_ == kResource) {
    std::copy_n(flat<ResourceHandle>().data(), num_elements_,
                copy.flat<ResourceHandle>().data());
  } else if (bytes() > 0) {
    std::memcpy(copy.data(), data(), bytes());
  }
  return copy;
}

bool Tensor::SameAs(const Tensor& other) const {
  if (dtype_ != other.dtype_ || !(shape_ == other.shape_)) return false;
  if (!valid()) return true;
  if (dtype_ == kString)
    return flat<std::string>() == other.flat<std::string>();
  if (dtype_ == kResource) {
    return flat<ResourceHandle>() == other.flat<ResourceHandle>();
  }
  return bytes() == 0 || std::memcmp(data(), other.data(), bytes()) == 0;
}

std::string Tensor::ToString(int limit) const {
  if (!valid()) return "(no tensor)";
  std::string out = absl::StrCat(DTypeName(dtype_), shape_.ToString(), ":");
  const int64_t count = std::min<int64_t>(limit, num_elements_);
  switch (dtype_) {
    case kFloat32:
      AppendElements<float>(*this, count, &out);
      break;
    case kFloat64:
      AppendElements<double>(*this, count, &out);
      break;
    case kInt8:
      for (int64_t i = 0; i < count; ++i) {
        absl::StrAppend(&out, " ", static_cast<int>(flat<int8_t>()[i]));
      }
      break;
    case kInt16:
      AppendElements<int16_t>(*this, count, &out);
      break;
    case kInt32:
      AppendElements<int32_t>(*this, count, &out);
      break;
    case kInt64:
      AppendElements<int64_t>(*this, count, &out);
      break;
    case kUint8:
      for (int64_t i = 0; i < count; ++i) {
        absl::StrAppend(&out, " ", static_cast<int>(flat<uint8_t>()[i]));
      }
      break;
    case kUint16:
      AppendElements<uint16_t>(*this, count, &out);
      break;
    case kUint32:
      AppendElements<uint32_t>(*this, count, &out);
      break;
    case kUint64:
      AppendElements<uint64_t>(*this, count, &out);
      break;
    case kBool:
      for (int64_t i = 0; i < count; ++i) {
        absl::StrAppend(&out, flat<bool>()[i] ? " true" : " false");
      }
      break;
    case kString:
      for (int64_t i = 0; i < count; ++i) {
        absl::StrAppend(&out, " \"", absl::CHexEscape(flat<std::string>()[i]),
                        "\"");
      }
      break;
    default:
      absl::StrAppend(&out, " ", bytes(), " bytes");
      return out;
  }
  if (count < num_elements_) out += " ...";
  return out;
}

std::vector<int64_t> IntegersOf(const Tensor& tensor) {
  if (tensor.dtype() == kInt64) {
    const auto flat = tensor.flat<int64_t>();
    return {flat.begin(), flat.end()};
  }
  const auto flat = tensor.flat<int32_t>();
  return {flat.begin(), flat.end()};
}

}  // namespace trellis
