// Reads the JSON of golden files.
#ifndef TRELLIS_TESTS_JSON_H_
#define TRELLIS_TESTS_JSON_H_

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace trellis::testing {

// A value; immutable. Looking for what is not there gives null, so that
// json["a"]["b"][2] needs no checks on the way.
class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;  // in file order

  // InvalidArgument, with the position, for text that is not JSON.
  static absl::StatusOr<Json> Parse(absl::string_view text);

  Json() = default;  // null
  template <typename T>
  explicit Json(T value) : value_(std::move(value)) {}

  bool is_null() const { return value_.index() == 0; }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }

  // false, 0, "" or empty for values of another kind.
  bool boolean() const { return Get<bool>(); }
  double number() const { return Get<double>(); }
  const std::string& string() const { return Get<std::string>(); }
  const Array& array() const { return Get<Array>(); }
  const Object& object() const { return Get<Object>(); }

  const Json& operator[](absl::string_view key) const;
  const Json& operator[](size_t i) const;

 private:
  template <typename T>
  const T& Get() const {
    static const T* const empty = new T();
    const T* value = std::get_if<T>(&value_);
    return value == nullptr ? *empty : *value;
  }

  std::variant<std::monostate, bool, double, std::string, Array, Object> value_;
};

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_JSON_H_
