#include "trellis/proto/text.h"

#include <climits>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "trellis/proto/any.h"

namespace trellis {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;

// As deep as protobuf lets binary messages be.
constexpr int kMaxDepth = 100;

// Finds the types inside of Any under TensorFlow's names too.
class Finder final : public TextFormat::Finder {
 public:
  const Descriptor* FindAnyType(const Message& message,
                                const std::string& prefix,
                                const std::string& name) const override {
    return TextFormat::Finder::FindAnyType(message, prefix, OurTypeName(name));
  }
};

// Keeps the first error, which would go to stderr; those after it are often its
// consequences.
class FirstError final : public google::protobuf::io::ErrorCollector {
 public:
  // Protobuf counts lines and columns from 0, and has -1 for the whole text.
  void AddError(int line, int column, const std::string& message) override {
    if (!message_.empty()) return;
    message_ = line < 0 ? message
                        : absl::StrCat("line ", line + 1, ", column ",
                                       column + 1, ": ", message);
  }
  const std::string& message() const { return message_; }

 private:
  std::string message_;
};

}  // namespace

absl::Status ParseText(absl::string_view text, Message& message) {
  if (text.size() > INT_MAX) {
    return absl::InvalidArgumentError(
        absl::StrCat("a text of ", text.size(), " bytes is too large"));
  }
  const Finder finder;
  FirstError error;
  TextFormat::Parser parser;
  parser.SetFinder(&finder);
  parser.RecordErrorsTo(&error);
  parser.SetRecursionLimit(kMaxDepth);
  google::protobuf::io::ArrayInputStream stream(text.data(),
                                                static_cast<int>(text.size()));
  if (parser.Parse(&stream, &message)) return absl::OkStatus();
  return absl::InvalidArgumentError(error.message());
}

std::string PrintText(const Message& message) {
  TextFormat::Printer printer;
  printer.SetHideUnknownFields(true);
  std::string text;
  printer.PrintToString(message, &text);
  return text;
}

}  // namespace trellis
