#include "trellis/tools/gen_ops/op_signature.h"

#include <cmath>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "trellis/base/status_macros.h"

namespace trellis {
namespace {

using absl::StrCat;

// The keywords of C++20, then the names that every wrapper uses for itself.
constexpr absl::string_view kReserved[] = {"alignas",      "alignof",
                                           "and",          "and_eq",
                                           "asm",          "auto",
                                           "bitand",       "bitor",
                                           "bool",         "break",
                                           "case",         "catch",
                                           "char",         "class",
                                           "compl",        "concept",
                                           "const",        "consteval",
                                           "constexpr",    "constinit",
                                           "continue",     "co_await",
                                           "co_return",    "co_yield",
                                           "decltype",     "default",
                                           "delete",       "do",
                                           "double",       "else",
                                           "enum",         "explicit",
                                           "export",       "extern",
                                           "false",        "float",
                                           "for",          "friend",
                                           "goto",         "if",
                                           "inline",       "int",
                                           "long",         "mutable",
                                           "namespace",    "new",
                                           "noexcept",     "not",
                                           "not_eq",       "nullptr",
                                           "operator",     "or",
                                           "or_eq",        "private",
                                           "protected",    "public",
                                           "register",     "requires",
                                           "return",       "short",
                                           "signed",       "sizeof",
                                           "static",       "static_assert",
                                           "struct",       "switch",
                                           "template",     "this",
                                           "throw",        "true",
                                           "try",          "typedef",
                                           "typeid",       "typename",
                                           "union",        "unsigned",
                                           "using",        "virtual",
                                           "void",         "volatile",
                                           "char8_t",      "char16_t",
                                           "char32_t",     "const_cast",
                                           "dynamic_cast", "reinterpret_cast",
                                           "static_cast",  "thread_local",
                                           "wchar_t",      "while",
                                           "xor",          "xor_eq",
                                           "builder",      "location",
                                           "name",         "node",
                                           "options",      "scope"};

// The C++ type of a field that holds an attribute of this kind. `Shape` is an
// op as well, so its type is written out.
std::string FieldType(absl::string_view kind) {
  if (kind == "string") return "std::string";
  if (kind == "int") return "int64_t";
  if (kind == "float") return "float";
  if (kind == "bool") return "bool";
  if (kind == "type") return "DType";
  if (kind == "shape") return "trellis::Shape";
  if (kind == "func") return "FunctionRef";
  if (kind == "tensor") return "Tensor";
  if (absl::ConsumePrefix(&kind, "list(") && absl::ConsumeSuffix(&kind, ")")) {
    return StrCat("std::vector<", FieldType(kind), ">");
  }
  return "";
}

std::string Literal(const std::string& s) {
  return StrCat("\"", absl::CEscape(s), "\"");
}
std::string Literal(int64_t i) { return StrCat(i); }
std::string Literal(DType t) { return DTypeEnumerator(t); }
std::string Literal(float f) {
  // Nine digits name a float exactly; fewer are nicer where they do.
  std::string text;
  for (int digits = 1; digits <= 9; ++digits) {
    text = absl::StrFormat("%.*g", digits, f);
    if (std::strtof(text.c_str(), nullptr) == f) break;
  }
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text + "f";
}
std::string Literal(const Shape& shape) {
  if (!shape.known_rank()) return "trellis::Shape::Unknown()";
  if (shape.rank() == 0) return "trellis::Shape::Scalar()";
  return StrCat("{", absl::StrJoin(shape.dims(), ", "), "}");
}

template <typename T>
std::string ListLiteral(const std::vector<T>& values) {
  return StrCat("{",
                absl::StrJoin(values, ", ",
                              [](std::string* out, const T& value) {
                                *out += Literal(value);
                              }),
                "}");
}

absl::StatusOr<std::string> Literal(const AttrValue& value) {
  if (value.s() != nullptr) return Literal(*value.s());
  if (value.i() != nullptr) return Literal(*value.i());
  if (value.b() != nullptr) return std::string(*value.b() ? "true" : "false");
  if (value.type() != nullptr) return Literal(*value.type());
  if (value.shape() != nullptr) return Literal(*value.shape());
  if (value.f() != nullptr && std::isfinite(*value.f())) {
    return Literal(*value.f());
  }
  if (value.list() != nullptr) {
    const AttrList& list = *value.list();
    if (list.size() == 0) return std::string("{}");
    if (!list.s.empty()) return ListLiteral(list.s);
    if (!list.i.empty()) return ListLiteral(list.i);
    if (!list.f.empty()) return ListLiteral(list.f);
    if (!list.type.empty()) return ListLiteral(list.type);
    if (!list.shape.empty()) return ListLiteral(list.shape);
  }
  return absl::UnimplementedError(
      StrCat("the default ", value.ToString(), " has no C++ literal"));
}

bool IsList(const OpSchema& schema, const ArgSchema& arg) {
  const AttrSchema* type = schema.FindAttr(arg.type);
  return !arg.number.empty() || (type != nullptr && type->kind == "list(type)");
}

std::vector<OpParameter> Tensors(const OpSchema& schema,
                                 const std::vector<ArgSchema>& args,
                                 absl::string_view one,
                                 absl::string_view several) {
  std::vector<OpParameter> parameters;
  for (const ArgSchema& arg : args) {
    const bool list = IsList(schema, arg);
    parameters.push_back({.schema_name = arg.name,
                          .name = CppIdentifier(arg.name),
                          .type = std::string(list ? several : one),
                          .list = list});
  }
  return parameters;
}

}  // namespace

std::string CppIdentifier(absl::string_view name) {
  std::string identifier;
  for (size_t i = 0; i < name.size(); ++i) {
    if (absl::ascii_isupper(name[i]) && i > 0 &&
        absl::ascii_islower(name[i - 1])) {
      identifier += '_';
    }
    identifier += absl::ascii_tolower(name[i]);
  }
  for (absl::string_view word : kReserved) {
    if (identifier == word) return identifier + "_";
  }
  return identifier;
}

std::string DTypeEnumerator(DType dtype) {
  if (dtype == kHalf) return "kHalf";
  std::string name = DTypeName(dtype);
  name[0] = absl::ascii_toupper(name[0]);
  return StrCat("k", name);
}

bool IsInferred(const OpSchema& schema, const AttrSchema& attr) {
  for (const ArgSchema& input : schema.inputs) {
    if (input.type == attr.name || input.number == attr.name) return true;
  }
  return false;
}

bool HasWrapper(const OpSchema& schema) {
  if (absl::StartsWith(schema.name, "_")) return false;
  for (const AttrSchema& attr : schema.attrs) {
    if (attr.kind == "tensor" && !attr.default_value.is_set()) return false;
  }
  return true;
}

absl::StatusOr<OpSignature> SignatureOf(const OpSchema& schema) {
  OpSignature signature;
  const size_t owner = schema.name.rfind('>');
  signature.function =
      owner == std::string::npos ? schema.name : schema.name.substr(owner + 1);
  signature.inputs = Tensors(schema, schema.inputs, "Input", "InputList");
  signature.outputs =
      Tensors(schema, schema.outputs, "Output", "std::vector<Output>");
  for (const AttrSchema& attr : schema.attrs) {
    if (IsInferred(schema, attr)) continue;
    OpParameter parameter = {.schema_name = attr.name,
                             .name = CppIdentifier(attr.name),
                             .type = FieldType(attr.kind)};
    if (!attr.default_value.is_set()) {
      signature.arguments.push_back(std::move(parameter));
      continue;
    }
    absl::StatusOr<std::string> literal = Literal(attr.default_value);
    if (!literal.ok()) {
      return absl::Status(literal.status().code(),
                          StrCat(schema.name, ": attribute ", attr.name, ": ",
                                 literal.status().message()));
    }
    parameter.default_value = *std::move(literal);
    signature.options.push_back(std::move(parameter));
  }
  return signature;
}

}  // namespace trellis
