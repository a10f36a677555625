#include "trellis/graph/name_table.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace trellis {

NameTable::Fingerprint NameTable::Of(absl::string_view name) {
  // Two multiplicative hashes with different multipliers, mixed at the end.
  Fingerprint f{.high = 0x9e3779b97f4a7c15, .low = 0xc2b2ae3d27d4eb4f};
  for (const char c : name) {
    const auto lower = static_cast<unsigned char>(absl::ascii_tolower(c));
    f.high = (f.high ^ lower) * 0x100000001b3;
    f.low = (f.low + lower) * 0xd6e8feb86659fd93;
    f.low ^= f.low >> 32;
  }
  f.high ^= f.high >> 29;
  return f;
}

std::string NameTable::Unique(absl::string_view name, bool mark) {
  const auto [it, first] = mark ? used_.try_emplace(Of(name), 0)
                                : std::pair(used_.find(Of(name)), false);
  if (first || it == used_.end()) {
    if (mark) it->second = 1;
    return std::string(name);
  }
  int i = it->second;
  if (mark) ++it->second;
  std::string unique;
  do {
    unique = absl::StrCat(name, "_", i++);
  } while (used_.contains(Of(unique)));
  if (mark) used_[Of(unique)] = 1;
  return unique;
}

void NameTable::Mark(absl::string_view name) { used_.try_emplace(Of(name), 1); }

}  // namespace trellis
