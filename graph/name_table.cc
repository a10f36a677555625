#include "trellis/graph/name_table.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace trellis {

std::string NameTable::Unique(absl::string_view name, bool mark) {
  const std::string base = absl::AsciiStrToLower(name);
  const auto it = used_.find(base);
  int i = it == used_.end() ? 0 : it->second;
  if (i == 0) {
    if (mark) used_[base] = 1;
    return std::string(name);
  }
  if (mark) it->second = i + 1;
  std::string key = base;
  while (used_.contains(key)) key = absl::StrCat(base, "_", i++);
  if (mark) used_[key] = 1;
  return absl::StrCat(name, "_", i - 1);
}

void NameTable::Mark(absl::string_view name) {
  used_.try_emplace(absl::AsciiStrToLower(name), 1);
}

}  // namespace trellis
