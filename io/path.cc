#include "trellis/io/path.h"

#include "absl/strings/str_cat.h"

namespace trellis {

std::string JoinPath(absl::string_view dir, absl::string_view name) {
  if (dir.empty() || IsAbsolutePath(name)) return std::string(name);
  if (name.empty()) return std::string(dir);
  return absl::StrCat(dir, dir.back() == '/' ? "" : "/", name);
}

absl::string_view DirName(absl::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  if (slash == absl::string_view::npos) return ".";
  absl::string_view dir = path.substr(0, slash);
  while (!dir.empty() && dir.back() == '/') dir.remove_suffix(1);
  return dir.empty() ? path.substr(0, 1) : dir;
}

absl::string_view BaseName(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace trellis
