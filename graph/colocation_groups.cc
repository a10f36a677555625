#include "trellis/graph/colocation_groups.h"

#include <cstddef>
#include <utility>

namespace trellis {

void ColocationGroups::Add(int node, int with) {
  // A node that names itself founds a group.
  if (with != node) groups_[node].push_back(with);
}

std::optional<int> ColocationGroups::FindRing() const {
  absl::flat_hash_map<int, bool> done;  // false: on the path that is followed
  for (const auto& [root, unused] : groups_) {
    std::vector<std::pair<int, size_t>> path;
    if (done.try_emplace(root, false).second) path.emplace_back(root, 0);
    while (!path.empty()) {
      const int node = path.back().first;
      const auto group = groups_.find(node);
      if (group == groups_.end() ||
          path.back().second == group->second.size()) {
        done[node] = true;
        path.pop_back();
        continue;
      }
      const int with = group->second[path.back().second++];
      const auto [it, added] = done.try_emplace(with, false);
      if (added) {
        path.emplace_back(with, 0);
      } else if (!it->second) {
        return with;
      }
    }
  }
  return std::nullopt;
}

}  // namespace trellis
