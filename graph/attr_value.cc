#include "trellis/graph/attr_value.h"

#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace trellis {
namespace {

std::string Quoted(absl::string_view s) {
  return absl::StrCat("\"", absl::CHexEscape(s), "\"");
}

std::string FunctionText(const FunctionRef& f) {
  return absl::StrCat(f.name, "[",
                      absl::StrJoin(f.attrs, ", ",
                                    [](std::string* out, const auto& attr) {
                                      absl::StrAppend(out, attr.first, "=",
                                                      attr.second.ToString());
                                    }),
                      "]");
}

// The elements of the one vector that has any, each as text.
std::vector<std::string> ElementTexts(const AttrList& l) {
  std::vector<std::string> texts;
  for (const auto& s : l.s) texts.push_back(Quoted(s));
  for (int64_t i : l.i) texts.push_back(absl::StrCat(i));
  for (float f : l.f) texts.push_back(absl::StrCat(f));
  for (bool b : l.b) texts.push_back(b ? "true" : "false");
  for (DType t : l.type) texts.push_back(DTypeName(t));
  for (const Shape& s : l.shape) texts.push_back(s.ToString());
  for (const Tensor& t : l.tensor) texts.push_back(t.ToString());
  for (const FunctionRef& f : l.func) texts.push_back(FunctionText(f));
  return texts;
}

bool SameBits(float a, float b) { return std::memcmp(&a, &b, sizeof a) == 0; }

bool Same(const FunctionRef& a, const FunctionRef& b) {
  return a.name == b.name && a.attrs == b.attrs;
}

bool Same(const AttrList& a, const AttrList& b) {
  const auto all = [](const auto& x, const auto& y, auto same) {
    if (x.size() != y.size()) return false;
    for (size_t i = 0; i < x.size(); ++i) {
      if (!same(x[i], y[i])) return false;
    }
    return true;
  };
  return a.s == b.s && a.i == b.i && a.b == b.b && a.type == b.type &&
         a.shape == b.shape && all(a.f, b.f, SameBits) &&
         all(a.tensor, b.tensor,
             [](const Tensor& x, const Tensor& y) { return x.SameAs(y); }) &&
         all(a.func, b.func, [](const FunctionRef& x, const FunctionRef& y) {
           return Same(x, y);
         });
}

}  // namespace

bool AttrValue::operator==(const AttrValue& other) const {
  if (value_.index() != other.value_.index()) return false;
  if (f() != nullptr) return SameBits(*f(), *other.f());
  if (tensor() != nullptr) return tensor()->SameAs(*other.tensor());
  if (func() != nullptr) return Same(*func(), *other.func());
  if (list() != nullptr) return Same(*list(), *other.list());
  return value_ == other.value_;
}

std::string AttrValue::ToString() const {
  if (s() != nullptr) return Quoted(*s());
  if (i() != nullptr) return absl::StrCat(*i());
  if (f() != nullptr) return absl::StrCat(*f());
  if (b() != nullptr) return *b() ? "true" : "false";
  if (type() != nullptr) return DTypeName(*type());
  if (shape() != nullptr) return shape()->ToString();
  if (tensor() != nullptr) return tensor()->ToString();
  if (func() != nullptr) return FunctionText(*func());
  if (placeholder() != nullptr) return absl::StrCat("$", placeholder()->name);
  if (list() != nullptr) {
    return absl::StrCat("list(", absl::StrJoin(ElementTexts(*list()), ", "),
                        ")");
  }
  return "(not set)";
}

std::string AttrValue::kind() const {
  if (s() != nullptr) return "string";
  if (i() != nullptr) return "int";
  if (f() != nullptr) return "float";
  if (b() != nullptr) return "bool";
  if (type() != nullptr) return "type";
  if (shape() != nullptr) return "shape";
  if (tensor() != nullptr) return "tensor";
  if (func() != nullptr) return "func";
  if (placeholder() != nullptr) return "placeholder";
  if (const AttrList* l = list()) {
    if (!l->s.empty()) return "list(string)";
    if (!l->i.empty()) return "list(int)";
    if (!l->f.empty()) return "list(float)";
    if (!l->b.empty()) return "list(bool)";
    if (!l->type.empty()) return "list(type)";
    if (!l->shape.empty()) return "list(shape)";
    if (!l->tensor.empty()) return "list(tensor)";
    if (!l->func.empty()) return "list(func)";
    return "list(any)";
  }
  return "(not set)";
}

}  // namespace trellis
