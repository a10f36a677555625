// A name as a caller wrote it: the parameter type of public entry points.
//
// Some builds of Abseil have their own string_view, which does not convert to
// or from std::string_view. A function that takes a Name can be called with
// either, with a std::string or with a literal:
//
//   Node* Graph::Find(Name name) const;
//   graph.Find("conv1/Relu");
//
// A Name borrows its characters, like a string_view: use it as a parameter and
// never store it. It may hold any bytes, zero bytes included.
#ifndef TRELLIS_BASE_NAME_H_
#define TRELLIS_BASE_NAME_H_

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

#include "absl/strings/string_view.h"

namespace trellis {

class Name {
 public:
  Name() = default;
  // REQUIRES: `name` is not null.
  Name(const char* name) : view_(name) {}
  Name(std::nullptr_t) = delete;
  Name(const std::string& name) : view_(name) {}
  template <typename View>
  requires std::same_as<View, absl::string_view> ||
      std::same_as<View, std::string_view>
      Name(View name) : view_(name.data(), name.size()) {}

  absl::string_view view() const { return view_; }
  std::string str() const { return std::string(view_); }
  bool empty() const { return view_.empty(); }

  operator absl::string_view() const { return view_; }
  explicit operator std::string() const { return str(); }

 private:
  absl::string_view view_;
};

}  // namespace trellis

#endif  // TRELLIS_BASE_NAME_H_
