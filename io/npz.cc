#include "trellis/io/npz.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/io/npy.h"
#include "trellis/io/zip.h"

namespace trellis {
namespace {

constexpr absl::string_view kExtension = ".npy";

}  // namespace

absl::StatusOr<NamedArrays> ParseNpz(absl::string_view bytes) {
  TRELLIS_ASSIGN_OR_RETURN(std::vector<ZipMember> members, ParseZip(bytes));
  NamedArrays arrays;
  for (ZipMember& member : members) {
    if (!absl::EndsWith(member.name, kExtension)) {
      return absl::InvalidArgumentError(
          absl::StrCat("member ", member.name, " of .npz is no .npy"));
    }
    absl::StatusOr<Tensor> tensor = ParseNpy(member.data);
    member.data = std::string();  // frees the memory
    if (!tensor.ok()) {
      return absl::Status(
          tensor.status().code(),
          absl::StrCat(member.name, ": ", tensor.status().message()));
    }
    member.name.resize(member.name.size() - kExtension.size());
    if (!arrays.emplace(member.name, *std::move(tensor)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("array ", member.name, " is there twice"));
    }
  }
  return arrays;
}

absl::StatusOr<std::string> SerializeNpz(const NamedArrays& arrays) {
  std::vector<ZipMember> members;
  for (const auto& [name, tensor] : arrays) {
    TRELLIS_ASSIGN_OR_RETURN(std::string data, SerializeNpy(tensor));
    members.push_back({absl::StrCat(name, kExtension), std::move(data)});
  }
  return SerializeZip(members);
}

}  // namespace trellis
