#include "trellis/tools/gen_ops/text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace trellis {
namespace {

constexpr size_t kColumns = 80;

std::string WithoutTrailingSpace(std::string line) {
  return std::string(absl::StripTrailingAsciiWhitespace(line));
}

}  // namespace

std::string Fill(absl::string_view text, absl::string_view prefix) {
  std::string filled;
  for (absl::string_view paragraph : absl::StrSplit(text, '\n')) {
    std::string line(prefix);
    if (absl::StartsWith(paragraph, " ")) {
      absl::StrAppend(&line, paragraph);
    } else {
      bool first = true;
      for (absl::string_view word :
           absl::StrSplit(paragraph, ' ', absl::SkipEmpty())) {
        if (!first && line.size() + 1 + word.size() > kColumns) {
          absl::StrAppend(&filled, WithoutTrailingSpace(line), "\n");
          line = std::string(prefix);
          first = true;
        }
        absl::StrAppend(&line, first ? "" : " ", word);
        first = false;
      }
    }
    absl::StrAppend(&filled, WithoutTrailingSpace(line), "\n");
  }
  return filled;
}

std::string FillList(absl::string_view open,
                     const std::vector<std::string>& items,
                     absl::string_view close) {
  size_t longest = 0;
  for (const std::string& item : items) {
    longest = std::max(longest, item.size() + 1);
  }
  const bool hang = open.size() + longest + close.size() > kColumns;
  const std::string indent(hang ? 4 : open.size(), ' ');
  std::string text;
  std::string line(open);
  if (hang) {
    absl::StrAppend(&text, line, "\n");
    line = indent;
  }
  bool first = true;
  for (size_t i = 0; i < items.size(); ++i) {
    const std::string tail = i + 1 == items.size() ? std::string(close) : ",";
    if (!first && line.size() + 1 + items[i].size() + tail.size() > kColumns) {
      absl::StrAppend(&text, line, "\n");
      line = indent;
      first = true;
    }
    absl::StrAppend(&line, first ? "" : " ", items[i], tail);
    first = false;
  }
  return absl::StrCat(text, line, "\n");
}

}  // namespace trellis
