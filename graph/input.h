// What a builder call takes for a tensor:
//
//   an Output               of this graph
//   a Variable              read where it is used, under TensorFlow's rules
//   a number, bool, string  MatMul(s, x, 2), Add(s, x, 0.5f)
//   nested braces           {{1, 2}, {3, 4}}; beside Outputs they are packed
//   a vector or a Span      of numbers
//   a Tensor                with the dtype it has
//
// Numbers are weakly typed: an integer or a fraction takes the dtype that the
// operation's other inputs (or its attributes) ask for, and where nothing asks
// is int32 (int64 if it does not fit) or float32. What is no Output becomes a
// Const node named after the argument (R1.26).
#ifndef TRELLIS_GRAPH_INPUT_H_
#define TRELLIS_GRAPH_INPUT_H_

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/tensor.h"

namespace trellis {

class Expr;
class Variable;
struct VariableInfo;

// Nested braces whose leaves are all numbers, bools or strings.
struct LiteralList {
  enum Kind : uint8_t { kBools, kIntegers, kFractions, kStrings };
  Kind kind = kFractions;  // of an empty list, as TensorFlow has it
  Shape shape;
  // Row-major; the one that `kind` names (kBools: integers).
  std::vector<int64_t> integers;
  std::vector<double> fractions;
  std::vector<std::string> strings;
};

class Input {
 public:
  Input(Output output) : value_(output) {}
  Input(const Variable& variable);  // in variable.h
  Input(const Expr& expr);          // in expr.h
  Input(Tensor tensor)
      : value_(std::make_shared<const Tensor>(std::move(tensor))) {}

  template <typename T>
  requires std::is_arithmetic_v<T> Input(T number) {
    if constexpr (std::same_as<T, bool>) {
      value_ = number;
    } else if constexpr (std::integral<T>) {
      value_ = static_cast<int64_t>(number);
    } else {
      value_ = static_cast<double>(number);
    }
  }
  Input(const char* text) : Input(std::string(text)) {}
  Input(std::nullptr_t) = delete;
  Input(std::string text) : Input(Tensor::Scalar(std::move(text))) {}
  Input(absl::string_view text) : Input(std::string(text)) {}

  // Nested braces. Their shapes must agree: `{{1, 2}, {3}}` is an error of the
  // call that takes it.
  Input(std::initializer_list<Input> elements);
  template <typename T>
  requires std::is_arithmetic_v<T> Input(absl::Span<const T> numbers)
      : Input(Numbers(numbers)) {}
  template <typename T>
  requires std::is_arithmetic_v<T> Input(const std::vector<T>& numbers)
      : Input(Numbers(absl::Span<const T>(numbers))) {}

  // ---- what it is; for those that turn Inputs into Outputs

  const Output* output() const { return std::get_if<Output>(&value_); }
  VariableInfo* variable() const {
    const auto* v = std::get_if<VariableInfo*>(&value_);
    return v == nullptr ? nullptr : *v;
  }
  // Braces around at least one Output, Variable or Tensor.
  const std::vector<Input>* packed() const { return Shared<Packed>(); }
  bool is_literal() const {
    return output() == nullptr && variable() == nullptr && packed() == nullptr;
  }

  // The dtype of an output, variable or Tensor, or of the first one inside
  // braces; kInvalid for weakly typed literals. Never a reference type.
  DType dtype() const;
  // Of a literal: the dtype it has where nothing asks for one.
  // REQUIRES: is_literal().
  DType default_dtype() const;
  // Of a literal: can it be a tensor of this dtype without loss of kind
  // (integers may become fractions, not the reverse)? Ranges are checked by
  // ToTensor. REQUIRES: is_literal().
  bool ConvertsTo(DType dtype) const;
  // Of a literal. InvalidArgument if it does not convert, or does not fit.
  // REQUIRES: is_literal().
  absl::StatusOr<Tensor> ToTensor(DType dtype) const;

 private:
  using Packed = std::vector<Input>;

  Input(LiteralList list)
      : value_(std::make_shared<const LiteralList>(std::move(list))) {}

  template <typename T>
  static LiteralList Numbers(absl::Span<const T> numbers) {
    LiteralList list{.shape = {static_cast<int64_t>(numbers.size())}};
    if constexpr (std::integral<T>) {
      list.kind =
          std::same_as<T, bool> ? LiteralList::kBools : LiteralList::kIntegers;
      list.integers.assign(numbers.begin(), numbers.end());
    } else {
      list.fractions.assign(numbers.begin(), numbers.end());
    }
    return list;
  }
  template <typename T>
  const T* Shared() const {
    const auto* p = std::get_if<std::shared_ptr<const T>>(&value_);
    return p == nullptr ? nullptr : p->get();
  }
  LiteralList AsList() const;

  // The last: why braces make no tensor.
  std::variant<Output, VariableInfo*, bool, int64_t, double,
               std::shared_ptr<const LiteralList>,
               std::shared_ptr<const Tensor>, std::shared_ptr<const Packed>,
               std::shared_ptr<const std::string>>
      value_;
};

// Several tensors for one list argument: {a, b}, or a vector of Outputs,
// Variables or Inputs.
class InputList {
 public:
  InputList(std::initializer_list<Input> inputs) : inputs_(inputs) {}
  InputList(std::vector<Input> inputs) : inputs_(std::move(inputs)) {}
  template <typename T>
  requires std::convertible_to<const T&, Input> InputList(
      const std::vector<T>& inputs)
      : inputs_(inputs.begin(), inputs.end()) {}
  template <typename T>
  requires std::convertible_to<const T&, Input> InputList(
      absl::Span<const T> inputs)
      : inputs_(inputs.begin(), inputs.end()) {}

  size_t size() const { return inputs_.size(); }
  const Input& operator[](size_t i) const { return inputs_[i]; }
  auto begin() const { return inputs_.begin(); }
  auto end() const { return inputs_.end(); }
  operator absl::Span<const Input>() const { return inputs_; }

 private:
  std::vector<Input> inputs_;
};

}  // namespace trellis

#endif  // TRELLIS_GRAPH_INPUT_H_
