// Pieces of '/'-separated paths. Pure text: no file system is asked.
#ifndef TRELLIS_IO_PATH_H_
#define TRELLIS_IO_PATH_H_

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

inline bool IsAbsolutePath(absl::string_view path) {
  return !path.empty() && path.front() == '/';
}

}  // namespace trellis

#endif  // TRELLIS_IO_PATH_H_
