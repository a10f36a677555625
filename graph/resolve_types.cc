#include "trellis/graph/resolve_types.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "trellis/base/status_macros.h"

namespace trellis {
namespace {

using absl::InvalidArgumentError;
using absl::StrCat;

const AttrValue* Find(const AttrMap& attrs, absl::string_view name) {
  for (const auto& [key, value] : attrs) {
    if (key == name) return &value;
  }
  return nullptr;
}

void Insert(AttrMap* attrs, absl::string_view name, AttrValue value) {
  const auto at = std::lower_bound(
      attrs->begin(), attrs->end(), name,
      [](const auto& attr, absl::string_view n) { return attr.first < n; });
  attrs->emplace(at, std::string(name), std::move(value));
}

// The length that the argument's attributes state, nullopt if they do not.
std::optional<int64_t> StatedLength(const AttrMap& attrs,
                                    const ArgSchema& arg) {
  if (arg.is_type_list) {
    const AttrValue* types = Find(attrs, arg.type);
    if (types == nullptr || types->list() == nullptr) return std::nullopt;
    return types->list()->size();
  }
  if (arg.number.empty()) return 1;
  const AttrValue* number = Find(attrs, arg.number);
  if (number == nullptr || number->i() == nullptr) return std::nullopt;
  return *number->i();
}

// The length of each input argument; the one that is not stated gets the rest.
absl::StatusOr<absl::InlinedVector<int64_t, 8>> InputLengths(
    const Node& node, const AttrMap& attrs) {
  const OpSchema& schema = *node.schema();
  absl::InlinedVector<int64_t, 8> lengths;
  int64_t stated = 0;
  absl::InlinedVector<size_t, 8> open;
  for (size_t i = 0; i < schema.inputs.size(); ++i) {
    const auto length = StatedLength(attrs, schema.inputs[i]);
    if (!length.has_value()) open.push_back(i);
    if (length.value_or(0) < 0 || length.value_or(0) > node.num_inputs()) {
      return InvalidArgumentError(
          StrCat("argument ", schema.inputs[i].name, " is said to be ", *length,
                 " tensors, but the node has ", node.num_inputs(), " inputs"));
    }
    lengths.push_back(length.value_or(0));
    stated += length.value_or(0);
  }
  const int64_t rest = node.num_inputs() - stated;
  if (!open.empty() && rest >= 0 &&
      rest % static_cast<int64_t>(open.size()) == 0) {
    // Lists counted by one attribute are equally long.
    for (size_t i : open) {
      if (schema.inputs[i].number != schema.inputs[open[0]].number) {
        return InvalidArgumentError(
            StrCat("attribute ", schema.inputs[i].number, " must be given"));
      }
      lengths[i] = rest / open.size();
    }
  } else if (rest != 0) {
    return InvalidArgumentError(StrCat("has ", node.num_inputs(),
                                       " inputs, but ", schema.ToString(),
                                       " takes ", stated));
  }
  return lengths;
}

// Enters the value of an attribute that an input implies, or compares.
// `because` says what implies it, for the error.
absl::Status Imply(AttrMap* attrs, absl::string_view name, AttrValue value,
                   absl::FunctionRef<std::string()> because) {
  const AttrValue* stated = Find(*attrs, name);
  if (stated == nullptr) {
    Insert(attrs, name, std::move(value));
  } else if (!(*stated == value) &&
             !(stated->list() != nullptr && stated->list()->size() == 0 &&
               value.list() != nullptr && value.list()->size() == 0)) {
    return InvalidArgumentError(StrCat(because(), " is ", value.ToString(),
                                       ", but attribute ", name, " is ",
                                       stated->ToString()));
  }
  return absl::OkStatus();
}

absl::Status ImplyFromInputs(const Node& node, AttrMap* attrs) {
  const OpSchema& schema = *node.schema();
  TRELLIS_ASSIGN_OR_RETURN(const auto lengths, InputLengths(node, *attrs));
  int next = 0;
  for (size_t a = 0; a < schema.inputs.size(); ++a) {
    const ArgSchema& arg = schema.inputs[a];
    if (!arg.number.empty()) {
      TRELLIS_RETURN_IF_ERROR(
          Imply(attrs, arg.number, AttrValue(lengths[a]),
                [&] { return StrCat("number of ", arg.name); }));
    }
    const bool fixed = arg.fixed_type != kInvalid;
    DTypeList types;
    for (int64_t i = 0; i < lengths[a]; ++i, ++next) {
      const Output input = node.input(next);
      // Not connected yet, or made by an unknown op: cannot be checked.
      if (!input || input.dtype() == kInvalid) {
        types.push_back(kInvalid);
        continue;
      }
      const DType dtype = BaseType(input.dtype());
      if (arg.is_ref && !IsRef(input.dtype())) {
        return InvalidArgumentError(
            StrCat("argument ", arg.name, " must be a variable's reference, ",
                   input.name(), " is ", DTypeName(input.dtype())));
      }
      if (fixed && dtype != arg.fixed_type) {
        return InvalidArgumentError(StrCat(
            "argument ", arg.name, " must be ", DTypeName(arg.fixed_type), ", ",
            input.name(), " is ", DTypeName(dtype)));
      }
      if (!fixed && !arg.is_type_list) {
        TRELLIS_RETURN_IF_ERROR(Imply(attrs, arg.type, AttrValue(dtype), [&] {
          return StrCat("dtype of ", arg.name, " (", input.name(), ")");
        }));
      }
      types.push_back(dtype);
    }
    const bool known =
        std::find(types.begin(), types.end(), kInvalid) == types.end();
    if (arg.is_type_list && known) {
      TRELLIS_RETURN_IF_ERROR(
          Imply(attrs, arg.type,
                AttrValue(std::vector<DType>(types.begin(), types.end())),
                [&] { return StrCat("dtypes of ", arg.name); }));
    }
  }
  return absl::OkStatus();
}

// Is the value of the attribute's kind?
bool HasKind(const AttrSchema& schema, const AttrValue& value) {
  // The kind nearly every node has, without spelling it.
  if (value.type() != nullptr && schema.kind == "type") return true;
  const std::string kind = value.kind();
  return kind == schema.kind ||
         (kind == "list(any)" && absl::StartsWith(schema.kind, "list("));
}

absl::Status CheckAttr(const AttrSchema& schema, const AttrValue& value) {
  if (!HasKind(schema, value)) {
    return InvalidArgumentError(StrCat("attribute ", schema.name, " must be ",
                                       schema.kind, ", is ", value.kind(), ": ",
                                       value.ToString()));
  }
  const auto check_type = [&](DType type) {
    if (!IsKnownDType(type) || IsRef(type)) {
      return InvalidArgumentError(StrCat("attribute ", schema.name, " is ",
                                         DTypeName(type),
                                         ", which no tensor can have"));
    }
    if (schema.allowed_types.empty() || schema.allowed_types.contains(type)) {
      return absl::OkStatus();
    }
    return InvalidArgumentError(StrCat("attribute ", schema.name, " is ",
                                       DTypeName(type), ", must be one of ",
                                       schema.allowed_types.ToString()));
  };
  if (value.type() != nullptr)
    TRELLIS_RETURN_IF_ERROR(check_type(*value.type()));
  if (value.list() != nullptr) {
    for (DType type : value.list()->type) {
      TRELLIS_RETURN_IF_ERROR(check_type(type));
    }
  }
  if (value.s() != nullptr && !schema.allowed_strings.empty() &&
      std::find(schema.allowed_strings.begin(), schema.allowed_strings.end(),
                *value.s()) == schema.allowed_strings.end()) {
    return InvalidArgumentError(StrCat(
        "attribute ", schema.name, " is \"", *value.s(), "\", must be one of ",
        absl::StrJoin(schema.allowed_strings, ", ")));
  }
  if (schema.minimum.has_value()) {
    const int64_t size = value.i() != nullptr      ? *value.i()
                         : value.list() != nullptr ? value.list()->size()
                                                   : *schema.minimum;
    if (size < *schema.minimum) {
      return InvalidArgumentError(
          StrCat("attribute ", schema.name, " is ", value.ToString(),
                 ", must be at least ", *schema.minimum));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DTypeList> ResolveTypes(const Node& node, AttrMap* attrs) {
  const OpSchema& schema = *node.schema();
  TRELLIS_RETURN_IF_ERROR(ImplyFromInputs(node, attrs));
  for (const AttrSchema& attr : schema.attrs) {
    const AttrValue* value = node.FindAttr(attr.name);
    if (value == nullptr) {
      return InvalidArgumentError(
          StrCat("attribute ", attr.name, " of ", schema.name, " is missing"));
    }
    TRELLIS_RETURN_IF_ERROR(CheckAttr(attr, *value));
  }
  DTypeList types;
  for (size_t a = 0; a < schema.outputs.size(); ++a) {
    const ArgSchema& arg = schema.outputs[a];
    if (arg.is_type_list) {
      for (DType t : node.attr<std::vector<DType>>(arg.type)) {
        types.push_back(t);
      }
      continue;
    }
    const DType type = arg.fixed_type != kInvalid ? arg.fixed_type
                                                  : node.attr<DType>(arg.type);
    const int64_t count =
        arg.number.empty() ? 1 : node.attr<int64_t>(arg.number);
    // A count of outputs comes from the file, unlike one of inputs.
    if (count < 0 || count > 1 << 20) {
      return InvalidArgumentError(
          StrCat("attribute ", arg.number, " asks for ", count, " outputs"));
    }
    types.insert(types.end(), count, arg.is_ref ? MakeRef(type) : type);
  }
  return types;
}

}  // namespace trellis
