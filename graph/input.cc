#include "trellis/graph/input.h"

#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "trellis/graph/variable.h"

namespace trellis {
namespace {

using absl::InvalidArgumentError;
using absl::StrCat;

DType DefaultDType(const LiteralList& list) {
  switch (list.kind) {
    case LiteralList::kBools:
      return kBool;
    case LiteralList::kFractions:
      return kFloat32;
    case LiteralList::kStrings:
      return kString;
    case LiteralList::kIntegers:
      break;
  }
  for (int64_t i : list.integers) {
    if (i != static_cast<int32_t>(i)) return kInt64;
  }
  return kInt32;
}

bool KindConvertsTo(const LiteralList& list, DType dtype) {
  if (list.shape.num_elements() == 0) return DTypeSize(dtype) != 0;
  switch (list.kind) {
    case LiteralList::kBools:
      return dtype == kBool;
    case LiteralList::kStrings:
      return dtype == kString;
    case LiteralList::kFractions:
      return kFloatTypes.contains(dtype) || kComplexTypes.contains(dtype);
    case LiteralList::kIntegers:
      return kNumberTypes.contains(dtype);
  }
  return false;
}

// Widens `list` so that its elements may stand beside those of `kind`.
bool Promote(LiteralList* list, LiteralList::Kind kind) {
  if (list->kind == kind) return true;
  if (list->kind != LiteralList::kIntegers || kind != LiteralList::kFractions) {
    return false;
  }
  list->fractions.assign(list->integers.begin(), list->integers.end());
  list->integers.clear();
  list->kind = kind;
  return true;
}

template <typename T>
absl::StatusOr<Tensor> FillIntegers(const LiteralList& list) {
  Tensor tensor(DTypeOf<T>, list.shape);
  for (size_t i = 0; i < list.integers.size(); ++i) {
    const T value = static_cast<T>(list.integers[i]);
    if (static_cast<int64_t>(value) != list.integers[i] ||
        (list.integers[i] < 0) != (value < 0)) {
      return InvalidArgumentError(StrCat(
          list.integers[i], " does not fit into ", DTypeName(DTypeOf<T>)));
    }
    tensor.flat<T>()[i] = value;
  }
  return tensor;
}

double FractionAt(const LiteralList& list, size_t i) {
  return list.kind == LiteralList::kIntegers
             ? static_cast<double>(list.integers[i])
             : list.fractions[i];
}

template <typename T>
Tensor FillFractions(const LiteralList& list) {
  Tensor tensor(DTypeOf<T>, list.shape);
  absl::Span<T> out = tensor.flat<T>();
  for (size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<T>(FractionAt(list, i));
  }
  return tensor;
}

}  // namespace

Input::Input(std::initializer_list<Input> elements) {
  for (const Input& element : elements) {
    const Tensor* tensor = element.Shared<Tensor>();
    const bool typed = tensor != nullptr && tensor->dtype() != kString;
    if (typed || !element.is_literal()) {
      value_ = std::make_shared<const Packed>(elements);
      return;
    }
  }
  LiteralList list;
  bool first = true;
  for (const Input& element : elements) {
    if (const auto* error =
            std::get_if<std::shared_ptr<const std::string>>(&element.value_)) {
      value_ = *error;
      return;
    }
    LiteralList part = element.AsList();
    if (first) {
      list = std::move(part);
      first = false;
      continue;
    }
    if (!(part.shape == list.shape)) {
      value_ = std::make_shared<const std::string>(
          StrCat("braces hold elements of the shapes ", list.shape.ToString(),
                 " and ", part.shape.ToString()));
      return;
    }
    if (!Promote(&list, part.kind) && !Promote(&part, list.kind)) {
      value_ = std::make_shared<const std::string>(
          "braces mix numbers, bools and strings");
      return;
    }
    list.integers.insert(list.integers.end(), part.integers.begin(),
                         part.integers.end());
    list.fractions.insert(list.fractions.end(), part.fractions.begin(),
                          part.fractions.end());
    list.strings.insert(list.strings.end(), part.strings.begin(),
                        part.strings.end());
  }
  std::vector<int64_t> dims = {static_cast<int64_t>(elements.size())};
  if (!first) {
    dims.insert(dims.end(), list.shape.dims().begin(), list.shape.dims().end());
  }
  list.shape = Shape(dims);
  value_ = std::make_shared<const LiteralList>(std::move(list));
}

LiteralList Input::AsList() const {
  if (const auto* list = Shared<LiteralList>()) return *list;
  LiteralList scalar{.shape = Shape::Scalar()};
  if (const bool* b = std::get_if<bool>(&value_)) {
    scalar.kind = LiteralList::kBools;
    scalar.integers = {*b};
  } else if (const int64_t* i = std::get_if<int64_t>(&value_)) {
    scalar.kind = LiteralList::kIntegers;
    scalar.integers = {*i};
  } else if (const double* f = std::get_if<double>(&value_)) {
    scalar.fractions = {*f};
  } else if (const Tensor* tensor = Shared<Tensor>()) {
    scalar.shape = tensor->shape();
    if (tensor->dtype() == kString) {
      scalar.kind = LiteralList::kStrings;
      const absl::Span<const std::string> texts = tensor->flat<std::string>();
      scalar.strings.assign(texts.begin(), texts.end());
    }
  }
  return scalar;
}

DType Input::dtype() const {
  if (const Output* o = output()) {
    return *o ? BaseType(o->dtype()) : kInvalid;
  }
  if (const VariableInfo* v = variable()) return v->dtype;
  if (const Tensor* t = Shared<Tensor>()) return t->dtype();
  if (const std::vector<Input>* elements = packed()) {
    for (const Input& element : *elements) {
      if (element.dtype() != kInvalid) return element.dtype();
    }
  }
  return kInvalid;
}

DType Input::default_dtype() const {
  const Tensor* tensor = Shared<Tensor>();
  return tensor != nullptr ? tensor->dtype() : DefaultDType(AsList());
}

bool Input::ConvertsTo(DType dtype) const {
  const Tensor* tensor = Shared<Tensor>();
  return tensor != nullptr ? tensor->dtype() == dtype
                           : KindConvertsTo(AsList(), dtype);
}

absl::StatusOr<Tensor> Input::ToTensor(DType dtype) const {
  if (const auto* error =
          std::get_if<std::shared_ptr<const std::string>>(&value_)) {
    return InvalidArgumentError(**error);
  }
  if (const Tensor* tensor = Shared<Tensor>()) {
    if (tensor->dtype() == dtype) return *tensor;
    return InvalidArgumentError(StrCat("is ", DTypeName(tensor->dtype()),
                                       ", must be ", DTypeName(dtype)));
  }
  const LiteralList list = AsList();
  if (!KindConvertsTo(list, dtype)) {
    return InvalidArgumentError(StrCat("a literal of kind ",
                                       DTypeName(DefaultDType(list)),
                                       " cannot be ", DTypeName(dtype)));
  }
  switch (dtype) {
    case kBool: {
      Tensor tensor(kBool, list.shape);
      for (size_t i = 0; i < list.integers.size(); ++i) {
        tensor.flat<bool>()[i] = list.integers[i] != 0;
      }
      return tensor;
    }
    case kString:
      return Tensor::FromSpan<std::string>(list.strings, list.shape);
    case kFloat32:
      return FillFractions<float>(list);
    case kFloat64:
      return FillFractions<double>(list);
    case kInt8:
      return FillIntegers<int8_t>(list);
    case kInt16:
      return FillIntegers<int16_t>(list);
    case kInt32:
      return FillIntegers<int32_t>(list);
    case kInt64:
      return FillIntegers<int64_t>(list);
    case kUint8:
      return FillIntegers<uint8_t>(list);
    case kUint16:
      return FillIntegers<uint16_t>(list);
    case kUint32:
      return FillIntegers<uint32_t>(list);
    case kUint64:
      return FillIntegers<uint64_t>(list);
    default:
      return absl::UnimplementedError(
          StrCat("no literals of ", DTypeName(dtype), "; give a Tensor"));
  }
}

}  // namespace trellis
