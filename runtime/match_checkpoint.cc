#include "trellis/runtime/match_checkpoint.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/nearest_names.h"

namespace trellis {
namespace {

constexpr size_t kMaxListed = 10;

bool Fits(const Saveable& wanted, const CheckpointTensor& stored) {
  if (wanted.dtype != stored.dtype) return false;
  return wanted.part.has_value() ? wanted.part->full_shape == stored.shape
                                 : wanted.shape.CompatibleWith(stored.shape);
}

const Shape& ShapeOf(const Saveable& wanted) {
  return wanted.part.has_value() ? wanted.part->full_shape : wanted.shape;
}

// "w", or "w (variable v)" where the two differ.
std::string Describe(const Saveable& wanted) {
  if (wanted.name == wanted.variable || wanted.is_counter) return wanted.name;
  return absl::StrCat(wanted.name, " (variable ", wanted.variable, ")");
}

// The first elements, one a line.
template <typename T, typename Describe>
std::string List(const std::vector<T>& elements, Describe describe) {
  std::string text;
  for (size_t i = 0; i < std::min(elements.size(), kMaxListed); ++i) {
    absl::StrAppend(&text, "\n  ", describe(elements[i]));
  }
  if (elements.size() > kMaxListed) {
    absl::StrAppend(&text, "\n  and ", elements.size() - kMaxListed, " more");
  }
  return text;
}

}  // namespace

absl::Status CheckpointMatch::Check(absl::string_view prefix,
                                    bool allow_missing,
                                    bool allow_different) const {
  if (!allow_missing && !missing.empty()) {
    return absl::NotFoundError(absl::StrCat(
        prefix, ": has no value for", List(missing, [](const Missing& m) {
          std::string line = Describe(m.wanted);
          if (!m.nearest.empty()) {
            absl::StrAppend(&line, "; did you mean ",
                            absl::StrJoin(m.nearest, ", "), "?");
          }
          return line;
        })));
  }
  if (!allow_different && !different.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        prefix, ": does not fit the graph in",
        List(different, [](const Different& d) {
          return absl::StrCat(Describe(d.wanted), ": ", DTypeName(d.dtype),
                              d.shape.ToString(), " in the checkpoint, ",
                              DTypeName(d.wanted.dtype),
                              ShapeOf(d.wanted).ToString(), " in the graph");
        })));
  }
  return absl::OkStatus();
}

CheckpointMatch MatchCheckpoint(const std::vector<Saveable>& saveables,
                                const CheckpointReader& checkpoint) {
  CheckpointMatch match;
  absl::flat_hash_set<absl::string_view> used;
  for (const Saveable& wanted : saveables) {
    const CheckpointTensor* stored = checkpoint.Find(wanted.name);
    if (stored == nullptr) {
      if (!wanted.is_counter) match.missing.push_back({wanted, {}});
      continue;
    }
    used.insert(wanted.name);
    if (Fits(wanted, *stored)) {
      match.matched.push_back(wanted);
    } else {
      match.different.push_back({wanted, stored->dtype, stored->shape});
    }
  }
  for (std::string& name : checkpoint.names()) {
    if (!used.contains(name)) match.unused.push_back(std::move(name));
  }
  const std::vector<absl::string_view> unused(match.unused.begin(),
                                              match.unused.end());
  for (CheckpointMatch::Missing& missing : match.missing) {
    for (absl::string_view name : NearestNames(missing.wanted.name, unused)) {
      missing.nearest.push_back(std::string(name));
    }
  }
  return match;
}

}  // namespace trellis
