// A tensor: an element type, a fully defined shape and a shared, reference
// counted buffer of row-major elements.
//
// Copying a Tensor shares its buffer. Whoever made a tensor may write to it
// until it is shared; after that it is read-only by convention, and concurrent
// reads are safe. Elements of kString are std::string, of kResource
// ResourceHandle.
//
//   Tensor t(kFloat32, {2, 3});              // uninitialized numbers
//   t.flat<float>()[0] = 1;
//   Tensor s = Tensor::Scalar(3.0f);
//   Tensor v = Tensor::Of<int32_t>({1, 2, 3});
//   Tensor image = Tensor::Borrow(pixels, {28, 28});  // pixels outlives it
#ifndef TRELLIS_GRAPH_TENSOR_H_
#define TRELLIS_GRAPH_TENSOR_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "trellis/base/check.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/shape.h"

namespace trellis {

// Memory with one owner or several. Devices derive their own.
class Buffer {
 public:
  Buffer(void* data, size_t bytes) : data_(data), bytes_(bytes) {}
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  virtual ~Buffer() = default;

  void* data() const { return data_; }
  size_t bytes() const { return bytes_; }

 private:
  void* const data_;
  const size_t bytes_;
};

// Names an object of a session's resource store. The element of a kResource
// tensor.
struct ResourceHandle {
  std::string device;
  std::string container;
  std::string name;
  DType dtype = kInvalid;  // of the variable that the handle names
  Shape shape;
  bool operator==(const ResourceHandle&) const = default;
};

class Tensor {
 public:
  // No tensor: dtype kInvalid, shape unknown.
  Tensor() = default;
  // Host memory, 64-byte aligned; numbers uninitialized, objects default made.
  // REQUIRES: shape fully defined, dtype known and not a reference. Stops the
  // program where memory runs out; for sizes of untrusted origin use Allocate.
  Tensor(DType dtype, const Shape& shape);
  // The same with ResourceExhausted or InvalidArgument instead.
  static absl::StatusOr<Tensor> Allocate(DType dtype, const Shape& shape);
  // Shares an existing buffer, which holds at least the elements.
  Tensor(DType dtype, Shape shape, std::shared_ptr<Buffer> buffer);

  template <typename T>
  static Tensor Scalar(T value) {
    Tensor t(DTypeOf<T>, Shape::Scalar());
    t.flat<T>()[0] = std::move(value);
    return t;
  }
  static Tensor Scalar(const char* text) { return Scalar(std::string(text)); }
  // A vector.
  template <typename T>
  static Tensor Of(std::initializer_list<T> values) {
    return FromSpan<T>(absl::Span<const T>(values.begin(), values.size()),
                       {static_cast<int64_t>(values.size())});
  }
  // REQUIRES: values.size() == shape.num_elements().
  template <typename T>
  static Tensor FromSpan(absl::Span<const T> values, const Shape& shape) {
    Tensor t(DTypeOf<T>, shape);
    TRELLIS_CHECK(static_cast<int64_t>(values.size()) == t.num_elements());
    std::copy(values.begin(), values.end(), t.flat<T>().begin());
    return t;
  }
  // A view of the caller's memory, which must outlive every copy.
  template <typename T>
  static Tensor Borrow(const T* data, const Shape& shape) {
    return BorrowBytes(const_cast<T*>(data), DTypeOf<T>, shape);
  }
  static Tensor BorrowBytes(void* data, DType dtype, const Shape& shape);

  bool valid() const { return dtype_ != kInvalid; }
  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  int64_t num_elements() const { return num_elements_; }
  // Of the elements as they lie in memory (sizeof each object for strings).
  size_t bytes() const;

  void* data() const { return buffer_ == nullptr ? nullptr : buffer_->data(); }
  const std::shared_ptr<Buffer>& buffer() const { return buffer_; }

  // REQUIRES: T is the element type.
  template <typename T>
  absl::Span<T> flat() {
    CheckType(DTypeOf<T>);
    return absl::Span<T>(static_cast<T*>(data()), num_elements_);
  }
  template <typename T>
  absl::Span<const T> flat() const {
    CheckType(DTypeOf<T>);
    return absl::Span<const T>(static_cast<const T*>(data()), num_elements_);
  }
  // REQUIRES: one element.
  template <typename T>
  const T& scalar() const {
    CheckType(DTypeOf<T>);
    TRELLIS_CHECK(num_elements_ == 1) << "shape " << shape_.ToString();
    return *static_cast<const T*>(data());
  }

  // The same elements under another shape of equally many.
  // REQUIRES: shape.num_elements() == num_elements().
  Tensor Reshaped(const Shape& shape) const;
  // A tensor with a buffer of its own.
  Tensor Clone() const;

  // Same dtype, shape and elements; floats are compared by their bits.
  bool SameAs(const Tensor& other) const;

  // "float32[2,2]: 1 2 3 4", at most `limit` elements.
  std::string ToString(int limit = 8) const;

 private:
  void CheckType(DType wanted) const {
    TRELLIS_CHECK(dtype_ == wanted) << "tensor is " << DTypeName(dtype_)
                                    << ", asked for as " << DTypeName(wanted);
  }

  DType dtype_ = kInvalid;
  Shape shape_;
  int64_t num_elements_ = 0;
  std::shared_ptr<Buffer> buffer_;
};

// The integers of an int32 or int64 tensor, as int64. REQUIRES: such a dtype.
std::vector<int64_t> IntegersOf(const Tensor& tensor);

}  // namespace trellis

#endif  // TRELLIS_GRAPH_TENSOR_H_
