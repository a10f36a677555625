// Which nodes a file wants colocated with which. Internal to import.
#ifndef TRELLIS_GRAPH_COLOCATION_GROUPS_H_
#define TRELLIS_GRAPH_COLOCATION_GROUPS_H_

#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace trellis {

class ColocationGroups {
 public:
  // `node` is to be where `with` is.
  void Add(int node, int with);
  // A node from which colocations with others lead back to it; nullopt if
  // following them ends everywhere.
  std::optional<int> FindRing() const;

 private:
  absl::flat_hash_map<int, std::vector<int>> groups_;
};

}  // namespace trellis

#endif  // TRELLIS_GRAPH_COLOCATION_GROUPS_H_
