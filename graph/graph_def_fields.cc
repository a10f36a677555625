#include "trellis/graph/graph_def_fields.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "trellis/base/check.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/function_library.h"
#include "trellis/graph/graph_def.h"
#include "trellis/graph/proto_io.h"

namespace trellis {

using absl::InvalidArgumentError;
using absl::StrCat;

absl::Status CheckVersions(const proto::VersionDef& versions) {
  if (versions.producer() < 0) {
    return InvalidArgumentError(
        StrCat("the file's producer version is ", versions.producer()));
  }
  if (versions.min_consumer() > kGraphDefVersion) {
    return InvalidArgumentError(StrCat(
        "the file needs a reader of GraphDef version ", versions.min_consumer(),
        " or newer; this one has version ", kGraphDefVersion));
  }
  for (int bad : versions.bad_consumers()) {
    if (bad == kGraphDefVersion) {
      return InvalidArgumentError(
          StrCat("the file excludes readers of GraphDef version ", bad,
                 ", which this one is"));
    }
  }
  return absl::OkStatus();
}

GraphVersions MergeVersions(const GraphVersions& ours,
                            const proto::VersionDef& theirs, bool fresh) {
  GraphVersions versions = ours;
  if (fresh) {
    versions.producer = theirs.producer();
    versions.min_consumer = theirs.min_consumer();
    versions.bad_consumers.assign(theirs.bad_consumers().begin(),
                                  theirs.bad_consumers().end());
    return versions;
  }
  versions.producer = std::min(versions.producer, theirs.producer());
  versions.min_consumer =
      std::max(versions.min_consumer, theirs.min_consumer());
  for (int bad : theirs.bad_consumers()) {
    if (std::count(versions.bad_consumers.begin(), versions.bad_consumers.end(),
                   bad) == 0) {
      versions.bad_consumers.push_back(bad);
    }
  }
  return versions;
}

absl::Status MergeGraphFields(const proto::GraphDef& file, bool fresh,
                              GraphDefExtras* extras) {
  TRELLIS_RETURN_IF_ERROR(CheckLibrary(file.library()));
  proto::FunctionDefLibrary library;
  if (extras->library.has_value()) {
    TRELLIS_CHECK(library.ParseFromString(*extras->library));
  }
  TRELLIS_RETURN_IF_ERROR(MergeLibrary(file.library(), &library));
  TRELLIS_RETURN_IF_ERROR(CheckLibrary(library));
  if (file.has_library() || extras->library.has_value()) {
    if (HasUnknownFields(file.library())) {
      library.GetReflection()->MutableUnknownFields(&library)->MergeFrom(
          file.library().GetReflection()->GetUnknownFields(file.library()));
    }
    TRELLIS_ASSIGN_OR_RETURN(extras->library, SerializeMessage(library));
  }
  if (!fresh) return absl::OkStatus();
  proto::GraphDef rest = file;
  rest.clear_node();
  rest.clear_library();
  rest.clear_versions();
  TRELLIS_ASSIGN_OR_RETURN(extras->rest, SerializeMessage(rest));
  return absl::OkStatus();
}

}  // namespace trellis
