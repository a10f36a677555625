#include "trellis/tools/trellis/feeds.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/nearest_names.h"
#include "trellis/io/npy.h"
#include "trellis/io/npz.h"
#include "trellis/io/whole_file.h"
#include "trellis/tools/trellis/open_model.h"

namespace trellis {
namespace {

absl::Status At(absl::string_view place, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat(place, ": ", status.message()));
}

absl::StatusOr<NamedArrays> ReadArchive(FileSystem& files,
                                        const std::string& path) {
  TRELLIS_ASSIGN_OR_RETURN(const std::string bytes, ReadWholeFile(files, path));
  absl::StatusOr<NamedArrays> arrays = ParseNpz(bytes);
  if (!arrays.ok()) return At(path, arrays.status());
  return arrays;
}

absl::StatusOr<Tensor> ReadArray(FileSystem& files, const std::string& path) {
  TRELLIS_ASSIGN_OR_RETURN(const std::string bytes, ReadWholeFile(files, path));
  absl::StatusOr<Tensor> array = ParseNpy(bytes);
  if (!array.ok()) return At(path, array.status());
  return array;
}

// Archives that were read, so that several members cost one reading.
class ArrayReader {
 public:
  explicit ArrayReader(FileSystem& files) : files_(files) {}

  absl::StatusOr<const NamedArrays*> Archive(const std::string& path) {
    const auto found = archives_.find(path);
    if (found != archives_.end()) return &found->second;
    TRELLIS_ASSIGN_OR_RETURN(NamedArrays arrays, ReadArchive(files_, path));
    return &archives_.emplace(path, std::move(arrays)).first->second;
  }

  // "a.npy", "a.npz:member", "a.npz".
  absl::StatusOr<Tensor> Array(const std::string& place) {
    const size_t colon = place.rfind(".npz:");
    if (colon != place.npos) {
      return Member(place.substr(0, colon + 4), place.substr(colon + 5));
    }
    if (!absl::EndsWith(place, ".npz")) return ReadArray(files_, place);
    TRELLIS_ASSIGN_OR_RETURN(const NamedArrays* arrays, Archive(place));
    if (arrays->size() != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat(place, " has ", arrays->size(),
                       " arrays; say which, as in ", place, ":NAME"));
    }
    return arrays->begin()->second;
  }

 private:
  absl::StatusOr<Tensor> Member(const std::string& path,
                                const std::string& name) {
    TRELLIS_ASSIGN_OR_RETURN(const NamedArrays* arrays, Archive(path));
    const auto member = arrays->find(name);
    if (member != arrays->end()) return member->second;
    std::vector<absl::string_view> names;
    for (const auto& [other, array] : *arrays) names.push_back(other);
    return absl::NotFoundError(absl::StrCat(path, " has no array \"", name,
                                            "\"", DidYouMean(name, names)));
  }

  FileSystem& files_;
  std::map<std::string, NamedArrays> archives_;
};

absl::Status AddFeed(Output tensor, absl::string_view name, Tensor value,
                     std::vector<FedArray>* feeds) {
  for (const FedArray& other : *feeds) {
    if (other.tensor == tensor) {
      return absl::InvalidArgumentError(
          absl::StrCat(tensor.name(), " is fed twice"));
    }
  }
  feeds->push_back({tensor, std::string(name), std::move(value)});
  return absl::OkStatus();
}

absl::Status AddArchive(const std::string& path, const Graph& graph,
                        const TensorNames& names, ArrayReader& reader,
                        std::vector<FedArray>* feeds) {
  TRELLIS_ASSIGN_OR_RETURN(const NamedArrays* arrays, reader.Archive(path));
  bool any = false;
  for (const auto& [name, array] : *arrays) {
    const absl::StatusOr<Output> tensor = ResolveTensor(graph, names, name);
    if (!tensor.ok()) continue;
    any = true;
    TRELLIS_RETURN_IF_ERROR(AddFeed(*tensor, name, array, feeds));
  }
  if (any) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      path, ": none of its ", arrays->size(), " arrays is named as a tensor"));
}

}  // namespace

absl::StatusOr<Output> ResolveTensor(const Graph& graph,
                                     const TensorNames& names,
                                     absl::string_view name) {
  const auto found = names.find(std::string(name));
  if (found != names.end()) return found->second;
  return FindOutputOrSuggest(graph, name);
}

absl::StatusOr<std::vector<FedArray>> ReadFeeds(
    FileSystem& files, absl::Span<const std::string> texts, const Graph& graph,
    const TensorNames& names) {
  std::vector<FedArray> feeds;
  ArrayReader reader(files);
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == text.npos && absl::EndsWith(text, ".npz")) {
      TRELLIS_RETURN_IF_ERROR(AddArchive(text, graph, names, reader, &feeds));
      continue;
    }
    if (equals == text.npos || equals == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("--feed is \"", text,
                       "\", must be NAME=FILE.npy, NAME=FILE.npz:MEMBER or "
                       "FILE.npz"));
    }
    const std::string name = text.substr(0, equals);
    TRELLIS_ASSIGN_OR_RETURN(const Output tensor,
                             ResolveTensor(graph, names, name));
    TRELLIS_ASSIGN_OR_RETURN(Tensor value,
                             reader.Array(text.substr(equals + 1)));
    TRELLIS_RETURN_IF_ERROR(AddFeed(tensor, name, std::move(value), &feeds));
  }
  return feeds;
}

}  // namespace trellis
