#include "trellis/io/path.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace trellis {
namespace {

// The parts of a path without "." and without what ".." undoes.
std::vector<absl::string_view> NormalizedParts(absl::string_view path) {
  std::vector<absl::string_view> parts;
  for (absl::string_view part : absl::StrSplit(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (part != ".." || !IsAbsolutePath(path)) {
      parts.push_back(part);
    }
  }
  return parts;
}

}  // namespace

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

std::optional<std::string> RelativePath(absl::string_view path,
                                        absl::string_view dir) {
  const auto to = NormalizedParts(path), from = NormalizedParts(dir);
  const auto [to_rest, from_rest] =
      std::mismatch(to.begin(), to.end(), from.begin(), from.end());
  std::vector<absl::string_view> parts;
  for (auto it = from_rest; it != from.end(); ++it) {
    if (*it == "..") return std::nullopt;
    parts.push_back("..");
  }
  parts.insert(parts.end(), to_rest, to.end());
  return parts.empty() ? "." : absl::StrJoin(parts, "/");
}

}  // namespace trellis
