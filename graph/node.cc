// The parts of Node that only read.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "trellis/base/check.h"
#include "trellis/graph/graph.h"

namespace trellis {
namespace {

// How many tensors the argument stands for.
int ArgLength(const Node& node, const ArgSchema& arg) {
  if (!arg.number.empty()) {
    return static_cast<int>(node.attr<int64_t>(arg.number));
  }
  if (arg.is_type_list) {
    const AttrValue* types = node.FindAttr(arg.type);
    return types == nullptr || types->list() == nullptr
               ? 0
               : static_cast<int>(types->list()->type.size());
  }
  return 1;
}

std::pair<int, int> RangeOf(const Node& node,
                            const std::vector<ArgSchema>& args, int arg) {
  int first = 0;
  for (int i = 0; i < arg; ++i) first += ArgLength(node, args[i]);
  return {first, first + ArgLength(node, args[arg])};
}

template <typename T>
struct AttrReader;
#define TRELLIS_ATTR_READER(T, accessor)                             \
  template <>                                                        \
  struct AttrReader<T> {                                             \
    static const T* Get(const AttrValue& v) { return v.accessor(); } \
  };
TRELLIS_ATTR_READER(std::string, s)
TRELLIS_ATTR_READER(int64_t, i)
TRELLIS_ATTR_READER(float, f)
TRELLIS_ATTR_READER(bool, b)
TRELLIS_ATTR_READER(DType, type)
TRELLIS_ATTR_READER(Shape, shape)
TRELLIS_ATTR_READER(Tensor, tensor)
TRELLIS_ATTR_READER(FunctionRef, func)
#undef TRELLIS_ATTR_READER
#define TRELLIS_ATTR_LIST_READER(T, member)                     \
  template <>                                                   \
  struct AttrReader<std::vector<T>> {                           \
    static const std::vector<T>* Get(const AttrValue& v) {      \
      return v.list() == nullptr ? nullptr : &v.list()->member; \
    }                                                           \
  };
TRELLIS_ATTR_LIST_READER(std::string, s)
TRELLIS_ATTR_LIST_READER(int64_t, i)
TRELLIS_ATTR_LIST_READER(float, f)
TRELLIS_ATTR_LIST_READER(DType, type)
TRELLIS_ATTR_LIST_READER(Shape, shape)
#undef TRELLIS_ATTR_LIST_READER

}  // namespace

std::string SourceLocation::ToString() const {
  if (file == nullptr) return "";
  absl::string_view name = file;
  const size_t slash = name.rfind('/');
  if (slash != absl::string_view::npos) name.remove_prefix(slash + 1);
  return absl::StrCat(name, ":", line);
}

std::string Output::name() const {
  return absl::StrCat(node->name(), ":", index);
}

std::pair<int, int> Node::InputRange(int arg) const {
  return RangeOf(*this, schema_->inputs, arg);
}

std::pair<int, int> Node::OutputRange(int arg) const {
  return RangeOf(*this, schema_->outputs, arg);
}

const AttrValue* Node::FindAttr(absl::string_view name) const {
  const auto it = std::lower_bound(
      attrs_.begin(), attrs_.end(), name,
      [](const auto& attr, absl::string_view n) { return attr.first < n; });
  if (it != attrs_.end() && it->first == name) return &it->second;
  if (schema_ == nullptr) return nullptr;
  const AttrSchema* attr = schema_->FindAttr(name);
  return attr != nullptr && attr->default_value.is_set() ? &attr->default_value
                                                         : nullptr;
}

template <typename T>
T Node::attr(absl::string_view name) const {
  const AttrValue* value = FindAttr(name);
  TRELLIS_CHECK(value != nullptr)
      << DebugName() << " has no attribute " << name;
  const T* typed = AttrReader<T>::Get(*value);
  TRELLIS_CHECK(typed != nullptr)
      << DebugName() << ": attribute " << name << " is " << value->ToString();
  return *typed;
}
template std::string Node::attr(absl::string_view) const;
template int64_t Node::attr(absl::string_view) const;
template float Node::attr(absl::string_view) const;
template bool Node::attr(absl::string_view) const;
template DType Node::attr(absl::string_view) const;
template Shape Node::attr(absl::string_view) const;
template Tensor Node::attr(absl::string_view) const;
template FunctionRef Node::attr(absl::string_view) const;
template std::vector<std::string> Node::attr(absl::string_view) const;
template std::vector<int64_t> Node::attr(absl::string_view) const;
template std::vector<float> Node::attr(absl::string_view) const;
template std::vector<DType> Node::attr(absl::string_view) const;
template std::vector<Shape> Node::attr(absl::string_view) const;

std::string Node::DebugName() const {
  const std::string where = location_.ToString();
  return where.empty() ? name_ : absl::StrCat(name_, " (", where, ")");
}

std::string Node::Signature() const {
  return absl::StrCat(*op_, "(",
                      absl::StrJoin(inputs_, ", ",
                                    [](std::string* out, const Output& in) {
                                      if (!in) {
                                        out->append("(not connected)");
                                      } else {
                                        absl::StrAppend(out, in.name(), " ",
                                                        DTypeName(in.dtype()),
                                                        in.shape().ToString());
                                      }
                                    }),
                      ")");
}

}  // namespace trellis
