#include "trellis/base/shared_library.h"

#include <dlfcn.h>
#include <link.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace trellis {
namespace {

std::string PathOf(void* handle) {
  const link_map* map = nullptr;
  if (dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0) return "";
  return map->l_name;
}

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

// The loader says the same of a library that is nowhere and of one that needs
// another that is nowhere, except for the name.
bool SaysItIsNowhere(absl::string_view error, absl::string_view soname) {
  return error.substr(0, soname.size()) == soname &&
         error.find("No such file or directory") != absl::string_view::npos;
}

}  // namespace

SharedLibrary::SharedLibrary(absl::string_view soname,
                             const std::vector<std::string>& directories)
    : soname_(soname) {
  std::vector<std::string> places;
  std::string reasons;
  for (const std::string& directory : directories) {
    const bool loader = directory.empty();
    const std::string file =
        loader ? soname_ : absl::StrCat(directory, "/", soname_);
    places.push_back(loader ? "the loader's path" : directory);
    if (!loader && !Exists(file)) continue;
    handle_ = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle_ != nullptr) {
      path_ = PathOf(handle_);
      return;
    }
    const std::string error = dlerror();
    if (loader && SaysItIsNowhere(error, soname_)) continue;
    absl::StrAppend(&reasons, reasons.empty() ? "" : "; ", error);
  }
  status_ = reasons.empty()
                ? absl::NotFoundError(absl::StrCat(soname_, " is not in ",
                                                   absl::StrJoin(places, ", ")))
                : absl::UnavailableError(
                      absl::StrCat(soname_, " cannot be loaded: ", reasons));
}

void* SharedLibrary::Symbol(const char* name) const {
  return handle_ == nullptr ? nullptr : dlsym(handle_, name);
}

}  // namespace trellis
