#include "trellis/tools/trellis/name_filter.h"

#include "absl/strings/match.h"

namespace trellis {

bool MatchesPattern(absl::string_view pattern, absl::string_view name) {
  if (pattern.find_first_of("*?") == pattern.npos) {
    return absl::StrContains(name, pattern);
  }
  // Where to go on when a match fails: after the last '*', one character later.
  size_t star = pattern.npos, resume = 0;
  size_t p = 0, n = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() &&
               (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p, ++n;
    } else if (star != pattern.npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace trellis
