#include "trellis/graph/attr_value_proto.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/proto_io.h"

namespace trellis {
namespace {

using absl::InvalidArgumentError;
using absl::StrCat;

absl::StatusOr<DType> TypeFromProto(int number) {
  if (number < 0 || number > 255) {
    return InvalidArgumentError(StrCat("dtype ", number, " is none"));
  }
  return static_cast<DType>(number);
}

absl::StatusOr<FunctionRef> FunctionFromProto(
    const proto::NameAttrList& message, DecodeState& state) {
  if (HasUnknownFields(message)) state.exact = false;
  FunctionRef function{.name = message.name()};
  for (const auto& [name, attr] : message.attr()) {
    TRELLIS_ASSIGN_OR_RETURN(AttrValue value, AttrValueFromProto(attr, state));
    function.attrs.emplace_back(name, std::move(value));
  }
  std::sort(function.attrs.begin(), function.attrs.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return function;
}

void FunctionToProto(const FunctionRef& function,
                     proto::NameAttrList* message) {
  message->set_name(function.name);
  for (const auto& [name, value] : function.attrs) {
    AttrValueToProto(value, &(*message->mutable_attr())[name]);
  }
}

absl::StatusOr<AttrList> ListFromProto(
    const proto::AttrValue::ListValue& message, DecodeState& state) {
  if (HasUnknownFields(message)) state.exact = false;
  const int kinds = (message.s_size() > 0) + (message.i_size() > 0) +
                    (message.f_size() > 0) + (message.b_size() > 0) +
                    (message.type_size() > 0) + (message.shape_size() > 0) +
                    (message.tensor_size() > 0) + (message.func_size() > 0);
  if (kinds > 1) {
    return InvalidArgumentError("a list holds values of several kinds");
  }
  AttrList list;
  list.s.assign(message.s().begin(), message.s().end());
  list.i.assign(message.i().begin(), message.i().end());
  list.f.assign(message.f().begin(), message.f().end());
  list.b.assign(message.b().begin(), message.b().end());
  for (int type : message.type()) {
    TRELLIS_ASSIGN_OR_RETURN(const DType dtype, TypeFromProto(type));
    list.type.push_back(dtype);
  }
  for (const auto& shape : message.shape()) {
    TRELLIS_ASSIGN_OR_RETURN(Shape s, ShapeFromProto(shape, state));
    list.shape.push_back(std::move(s));
  }
  for (const auto& tensor : message.tensor()) {
    TRELLIS_ASSIGN_OR_RETURN(Tensor t, TensorFromProto(tensor, state));
    list.tensor.push_back(std::move(t));
  }
  for (const auto& func : message.func()) {
    TRELLIS_ASSIGN_OR_RETURN(FunctionRef f, FunctionFromProto(func, state));
    list.func.push_back(std::move(f));
  }
  return list;
}

void ListToProto(const AttrList& list, proto::AttrValue::ListValue* message) {
  for (const std::string& s : list.s) message->add_s(s);
  message->mutable_i()->Add(list.i.begin(), list.i.end());
  message->mutable_f()->Add(list.f.begin(), list.f.end());
  for (bool b : list.b) message->add_b(b);
  for (DType t : list.type) message->add_type(static_cast<proto::DataType>(t));
  for (const Shape& s : list.shape) ShapeToProto(s, message->add_shape());
  for (const Tensor& t : list.tensor) TensorToProto(t, message->add_tensor());
  for (const FunctionRef& f : list.func)
    FunctionToProto(f, message->add_func());
}

}  // namespace

absl::StatusOr<AttrValue> AttrValueFromProto(const proto::AttrValue& message,
                                             DecodeState& state) {
  if (HasUnknownFields(message)) state.exact = false;
  switch (message.value_case()) {
    case proto::AttrValue::kS:
      return AttrValue(message.s());
    case proto::AttrValue::kI:
      return AttrValue(static_cast<int64_t>(message.i()));
    case proto::AttrValue::kF:
      return AttrValue(message.f());
    case proto::AttrValue::kB:
      return AttrValue(message.b());
    case proto::AttrValue::kType: {
      TRELLIS_ASSIGN_OR_RETURN(const DType type, TypeFromProto(message.type()));
      return AttrValue(type);
    }
    case proto::AttrValue::kShape: {
      TRELLIS_ASSIGN_OR_RETURN(Shape s, ShapeFromProto(message.shape(), state));
      return AttrValue(std::move(s));
    }
    case proto::AttrValue::kTensor: {
      TRELLIS_ASSIGN_OR_RETURN(Tensor t,
                               TensorFromProto(message.tensor(), state));
      return AttrValue(std::move(t));
    }
    case proto::AttrValue::kList: {
      TRELLIS_ASSIGN_OR_RETURN(AttrList l,
                               ListFromProto(message.list(), state));
      return AttrValue(std::move(l));
    }
    case proto::AttrValue::kFunc: {
      TRELLIS_ASSIGN_OR_RETURN(FunctionRef f,
                               FunctionFromProto(message.func(), state));
      return AttrValue(std::move(f));
    }
    case proto::AttrValue::kPlaceholder:
      return AttrValue(AttrPlaceholder{message.placeholder()});
    case proto::AttrValue::VALUE_NOT_SET:
      break;
  }
  return AttrValue();
}

void AttrValueToProto(const AttrValue& value, proto::AttrValue* message) {
  message->Clear();
  if (value.s() != nullptr) {
    message->set_s(*value.s());
  } else if (value.i() != nullptr) {
    message->set_i(*value.i());
  } else if (value.f() != nullptr) {
    message->set_f(*value.f());
  } else if (value.b() != nullptr) {
    message->set_b(*value.b());
  } else if (value.type() != nullptr) {
    message->set_type(static_cast<proto::DataType>(*value.type()));
  } else if (value.shape() != nullptr) {
    ShapeToProto(*value.shape(), message->mutable_shape());
  } else if (value.tensor() != nullptr) {
    TensorToProto(*value.tensor(), message->mutable_tensor());
  } else if (value.list() != nullptr) {
    ListToProto(*value.list(), message->mutable_list());
  } else if (value.func() != nullptr) {
    FunctionToProto(*value.func(), message->mutable_func());
  } else if (value.placeholder() != nullptr) {
    message->set_placeholder(value.placeholder()->name);
  }
}

}  // namespace trellis
