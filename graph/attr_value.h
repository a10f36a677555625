// The value of a node's attribute: what TensorFlow's AttrValue message holds,
// without protobuf.
//
// A small value type: tensors, lists and functions are shared and immutable, so
// copies are cheap.
#ifndef TRELLIS_GRAPH_ATTR_VALUE_H_
#define TRELLIS_GRAPH_ATTR_VALUE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/tensor.h"

namespace trellis {

class AttrValue;

using AttrMap = std::vector<std::pair<std::string, AttrValue>>;

// A function of the graph's library with bound attributes (NameAttrList).
struct FunctionRef {
  std::string name;
  AttrMap attrs;  // sorted by name
};

// A value that is taken from the enclosing function's attribute of this name.
struct AttrPlaceholder {
  std::string name;
  bool operator==(const AttrPlaceholder&) const = default;
};

// At most one of the vectors has elements; an empty list has no element type.
struct AttrList {
  std::vector<std::string> s;
  std::vector<int64_t> i;
  std::vector<float> f;
  std::vector<bool> b;
  std::vector<DType> type;
  std::vector<Shape> shape;
  std::vector<Tensor> tensor;
  std::vector<FunctionRef> func;

  size_t size() const {
    return s.size() + i.size() + f.size() + b.size() + type.size() +
           shape.size() + tensor.size() + func.size();
  }
};

class AttrValue {
 public:
  // Not set.
  AttrValue() = default;
  AttrValue(std::string s) : value_(std::move(s)) {}
  AttrValue(absl::string_view s) : value_(std::string(s)) {}
  AttrValue(const char* s) : value_(std::string(s)) {}
  AttrValue(int64_t i) : value_(i) {}
  AttrValue(int i) : value_(static_cast<int64_t>(i)) {}
  AttrValue(float f) : value_(f) {}
  AttrValue(double f) : value_(static_cast<float>(f)) {}
  AttrValue(bool b) : value_(b) {}
  AttrValue(DType t) : value_(t) {}
  AttrValue(Shape s) : value_(std::move(s)) {}
  AttrValue(Tensor t) : value_(std::make_shared<const Tensor>(std::move(t))) {}
  AttrValue(FunctionRef f)
      : value_(std::make_shared<const FunctionRef>(std::move(f))) {}
  AttrValue(AttrPlaceholder p) : value_(std::move(p)) {}
  AttrValue(AttrList l)
      : value_(std::make_shared<const AttrList>(std::move(l))) {}
  AttrValue(std::vector<int64_t> i) : AttrValue(AttrList{.i = std::move(i)}) {}
  AttrValue(std::vector<std::string> s)
      : AttrValue(AttrList{.s = std::move(s)}) {}
  AttrValue(std::vector<float> f) : AttrValue(AttrList{.f = std::move(f)}) {}
  AttrValue(std::vector<DType> t) : AttrValue(AttrList{.type = std::move(t)}) {}
  AttrValue(std::vector<Shape> s)
      : AttrValue(AttrList{.shape = std::move(s)}) {}

  bool is_set() const { return value_.index() != 0; }

  // The value if it is of that kind, else nullptr.
  const std::string* s() const { return std::get_if<std::string>(&value_); }
  const int64_t* i() const { return std::get_if<int64_t>(&value_); }
  const float* f() const { return std::get_if<float>(&value_); }
  const bool* b() const { return std::get_if<bool>(&value_); }
  const DType* type() const { return std::get_if<DType>(&value_); }
  const Shape* shape() const { return std::get_if<Shape>(&value_); }
  const Tensor* tensor() const { return Shared<Tensor>(); }
  const FunctionRef* func() const { return Shared<FunctionRef>(); }
  const AttrList* list() const { return Shared<AttrList>(); }
  const AttrPlaceholder* placeholder() const {
    return std::get_if<AttrPlaceholder>(&value_);
  }

  // Same kind and same value; tensors by dtype, shape and bits.
  bool operator==(const AttrValue& other) const;

  // "float32", "[2,3]", "true", "list(int32, int32)", ...: for people.
  std::string ToString() const;
  // The kind as op definitions spell it: "int", "list(type)", ... An empty list
  // is "list(any)".
  std::string kind() const;

  template <typename H>
  friend H AbslHashValue(H h, const AttrValue& v) {
    return H::combine(std::move(h), v.ToString());
  }

 private:
  template <typename T>
  const T* Shared() const {
    const auto* p = std::get_if<std::shared_ptr<const T>>(&value_);
    return p == nullptr ? nullptr : p->get();
  }

  std::variant<std::monostate, std::string, int64_t, float, bool, DType, Shape,
               std::shared_ptr<const Tensor>,
               std::shared_ptr<const FunctionRef>,
               std::shared_ptr<const AttrList>, AttrPlaceholder>
      value_;
};

}  // namespace trellis

#endif  // TRELLIS_GRAPH_ATTR_VALUE_H_
