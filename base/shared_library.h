// A shared library that the program looks for and loads while it runs, because
// the machine may not have it.
//
//   const SharedLibrary nccl("libnccl.so.2", {"/opt/nccl/lib", ""});
//   if (auto* version = nccl.Function<int(int*)>("ncclGetVersion")) { ... }
//
// Never unloaded: what such libraries keep for the process (threads, handlers
// of exit) does not expect that.
#ifndef TRELLIS_BASE_SHARED_LIBRARY_H_
#define TRELLIS_BASE_SHARED_LIBRARY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace trellis {

// Thread-safe. Copies are the same library.
class SharedLibrary {
 public:
  // Loads `soname` from the first of `directories` in which it can be. "" is
  // wherever the system's loader looks: LD_LIBRARY_PATH, its cache.
  SharedLibrary(absl::string_view soname,
                const std::vector<std::string>& directories);

  const std::string& soname() const { return soname_; }
  // Where it was loaded from; "" if it was not.
  const std::string& path() const { return path_; }
  // NotFound with the places looked at where there is no such file; Unavailable
  // with the loader's reason where there is one that cannot be loaded.
  const absl::Status& status() const { return status_; }

  // Null if it was not loaded or has no such function.
  template <typename F>
  F* Function(const char* name) const {
    return reinterpret_cast<F*>(Symbol(name));
  }

 private:
  void* Symbol(const char* name) const;

  std::string soname_;
  std::string path_;
  void* handle_ = nullptr;
  absl::Status status_;
};

}  // namespace trellis

#endif  // TRELLIS_BASE_SHARED_LIBRARY_H_
