#include "trellis/graph/nearest_names.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace trellis {
namespace {

constexpr size_t kMaxLength = 256;
constexpr int kMaxCompared = 10000;

// Levenshtein's distance, by rows of its table.
size_t Distance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::vector<absl::string_view> NearestNames(
    absl::string_view wanted, absl::Span<const absl::string_view> candidates,
    int limit) {
  if (wanted.empty() || wanted.size() > kMaxLength) return {};
  std::vector<std::pair<size_t, absl::string_view>> near;
  int compared = 0;
  for (absl::string_view name : candidates) {
    const size_t longer = std::max(name.size(), wanted.size());
    const size_t allowed = std::max<size_t>(1, longer / 3);
    if (longer - std::min(name.size(), wanted.size()) > allowed) continue;
    if (++compared > kMaxCompared) break;
    const size_t distance = Distance(wanted, name);
    if (distance <= allowed) near.emplace_back(distance, name);
  }
  std::sort(near.begin(), near.end());
  if (near.size() > static_cast<size_t>(limit)) near.resize(limit);
  std::vector<absl::string_view> names;
  for (const auto& [distance, name] : near) names.push_back(name);
  return names;
}

std::string DidYouMean(absl::string_view wanted,
                       absl::Span<const absl::string_view> candidates) {
  const auto names = NearestNames(wanted, candidates);
  if (names.empty()) return "";
  return absl::StrCat("; did you mean ", absl::StrJoin(names, ", "), "?");
}

}  // namespace trellis
