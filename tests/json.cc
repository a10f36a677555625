#include "trellis/tests/json.h"

#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"

namespace trellis::testing {
namespace {

class Parser {
 public:
  explicit Parser(absl::string_view text) : text_(text) {}

  absl::StatusOr<Json> Document() {
    TRELLIS_ASSIGN_OR_RETURN(Json value, Value());
    SkipSpace();
    if (at_ != text_.size()) return Error("text after the value");
    return value;
  }

 private:
  absl::Status Error(absl::string_view what) const {
    return absl::InvalidArgumentError(
        absl::StrCat("JSON, byte ", at_, ": ", what));
  }
  void SkipSpace() {
    while (at_ < text_.size() && absl::StrContains(" \t\r\n", text_[at_])) {
      ++at_;
    }
  }
  bool Skip(absl::string_view token) {
    SkipSpace();
    if (!absl::StartsWith(text_.substr(at_), token)) return false;
    at_ += token.size();
    return true;
  }

  absl::StatusOr<Json> Value() {
    if (Skip("null")) return Json();
    if (Skip("true")) return Json(true);
    if (Skip("false")) return Json(false);
    if (Skip("\"")) {
      TRELLIS_ASSIGN_OR_RETURN(std::string text, StringTail());
      return Json(std::move(text));
    }
    if (Skip("[")) return ArrayTail();
    if (Skip("{")) return ObjectTail();
    return Number();
  }

  absl::StatusOr<Json> Number() {
    const std::string text(text_.substr(at_, 40));
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (end == text.c_str()) return Error("no value");
    at_ += end - text.c_str();
    return Json(value);
  }

  // `code` is below 2^16: a character of the first plane, or half of another.
  static void AppendUtf8(long code, std::string* text) {
    if (code < 0x80) {
      *text += static_cast<char>(code);
      return;
    }
    if (code < 0x800) {
      *text += static_cast<char>(0xc0 | code >> 6);
    } else {
      *text += static_cast<char>(0xe0 | code >> 12);
      *text += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    }
    *text += static_cast<char>(0x80 | (code & 0x3f));
  }

  // After the opening quote.
  absl::StatusOr<std::string> StringTail() {
    std::string text;
    while (at_ < text_.size() && text_[at_] != '"') {
      char c = text_[at_++];
      if (c == '\\') {
        if (at_ == text_.size()) break;
        const char kind = text_[at_++];
        constexpr absl::string_view kNames = "bfnrt";
        constexpr absl::string_view kCharacters = "\b\f\n\r\t";
        const size_t known = kNames.find(kind);
        c = known == absl::string_view::npos ? kind : kCharacters[known];
        if (kind == 'u') {
          const std::string digits(text_.substr(at_, 4));
          at_ += digits.size();
          AppendUtf8(std::strtol(digits.c_str(), nullptr, 16), &text);
          continue;
        }
      }
      text += c;
    }
    if (!Skip("\"")) return Error("unterminated string");
    return text;
  }

  absl::StatusOr<Json> ArrayTail() {
    Json::Array items;
    if (Skip("]")) return Json(std::move(items));
    do {
      TRELLIS_ASSIGN_OR_RETURN(Json item, Value());
      items.push_back(std::move(item));
    } while (Skip(","));
    if (!Skip("]")) return Error("expected ] or ,");
    return Json(std::move(items));
  }

  absl::StatusOr<Json> ObjectTail() {
    Json::Object members;
    if (Skip("}")) return Json(std::move(members));
    do {
      if (!Skip("\"")) return Error("expected a key");
      TRELLIS_ASSIGN_OR_RETURN(std::string key, StringTail());
      if (!Skip(":")) return Error("expected :");
      TRELLIS_ASSIGN_OR_RETURN(Json value, Value());
      members.emplace_back(std::move(key), std::move(value));
    } while (Skip(","));
    if (!Skip("}")) return Error("expected } or ,");
    return Json(std::move(members));
  }

  const absl::string_view text_;
  size_t at_ = 0;
};

const Json& Null() {
  static const Json* const null = new Json();
  return *null;
}

}  // namespace

absl::StatusOr<Json> Json::Parse(absl::string_view text) {
  return Parser(text).Document();
}

const Json& Json::operator[](absl::string_view key) const {
  for (const auto& [name, value] : object()) {
    if (name == key) return value;
  }
  return Null();
}

const Json& Json::operator[](size_t i) const {
  return i < array().size() ? array()[i] : Null();
}

}  // namespace trellis::testing
