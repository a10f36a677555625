// Pieces of '/'-separated paths. Pure text: no file system is asked.
#ifndef TRELLIS_IO_PATH_H_
#define TRELLIS_IO_PATH_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace trellis {

// "a/b" from "a" and "b"; `name` alone if it is absolute or `dir` is empty.
std::string JoinPath(absl::string_view dir, absl::string_view name);

// The folder a path is in: "a" for "a/b", "." for "b", "/" for "/b" and "/".
// Slashes at the end are ignored.
absl::string_view DirName(absl::string_view path);

// What follows the last slash: "b" for "a/b", "" for "a/".
absl::string_view BaseName(absl::string_view path);

// `path` as seen from the folder `dir`: "c" for "a/b/c" and "a/b", "../c" for
// "a/c" and "a/b". Both are absolute or both relative to the same folder.
// nullopt where the text alone does not tell: "a" from "..".
std::optional<std::string> RelativePath(absl::string_view path,
                                        absl::string_view dir);

inline bool IsAbsolutePath(absl::string_view path) {
  return !path.empty() && path.front() == '/';
}

}  // namespace trellis

#endif  // TRELLIS_IO_PATH_H_
