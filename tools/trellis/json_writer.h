// Writes JSON, piece by piece, into a string.
//
//   JsonWriter json;
//   json.BeginObject();
//   json.Field("nodes", 7);
//   json.Key("inputs").BeginArray();
//   json.String("x:0");
//   json.EndArray();
//   json.EndObject();
//   json.text();  // {"nodes":7,"inputs":["x:0"]}
//
// The text is UTF-8: bytes of a string that are none become U+FFFD. Numbers
// are the shortest text that reads back as the same; what is not finite, which
// JSON has no word for, is null.
//
// REQUIRES of the caller: calls that make one well-formed value.
#ifndef TRELLIS_TOOLS_TRELLIS_JSON_WRITER_H_
#define TRELLIS_TOOLS_TRELLIS_JSON_WRITER_H_

#include <concepts>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "trellis/graph/shape.h"

namespace trellis {

class JsonWriter {
 public:
  void BeginObject() { Open('{'); }
  void EndObject() { Close('}'); }
  void BeginArray() { Open('['); }
  void EndArray() { Close(']'); }

  // Of an object's next value.
  JsonWriter& Key(absl::string_view key);

  void String(absl::string_view value);
  void Int(int64_t value);
  void Uint(uint64_t value);
  void Float(float value);
  void Double(double value);
  void Bool(bool value);
  void Null();
  // A value that is JSON already.
  void Raw(absl::string_view json);
  // [2,null] for "[2,?]", null for an unknown rank.
  void Dims(const Shape& shape);

  void Field(absl::string_view key, absl::string_view value) {
    Key(key).String(value);
  }
  void Field(absl::string_view key, const char* value) {
    Key(key).String(value);
  }
  template <std::integral T>
  void Field(absl::string_view key, T value) {
    if constexpr (std::same_as<T, bool>) {
      Key(key).Bool(value);
    } else {
      Key(key).Int(static_cast<int64_t>(value));
    }
  }
  void Field(absl::string_view key, double value) { Key(key).Double(value); }
  void Field(absl::string_view key, const std::vector<std::string>& values);

  const std::string& text() const { return text_; }

 private:
  void BeforeValue();
  void Open(char bracket);
  void Close(char bracket);

  std::string text_;
  bool needs_comma_ = false;
};

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_JSON_WRITER_H_
