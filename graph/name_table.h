// The names a graph has handed out (R1.12 - R1.16): case-insensitively unique,
// with TensorFlow's suffixes.
#ifndef TRELLIS_GRAPH_NAME_TABLE_H_
#define TRELLIS_GRAPH_NAME_TABLE_H_

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace trellis {

class NameTable {
 public:
  // `name`, or `name` with the first free suffix "_1", "_2", ... With `mark`
  // the answer and the request are recorded, so that the next one differs.
  std::string Unique(absl::string_view name, bool mark);
  // Records a name that a node got without asking (import, R1.17).
  void Mark(absl::string_view name);

 private:
  // Lower-case name -> how often it was asked for.
  absl::flat_hash_map<std::string, int> used_;
};

}  // namespace trellis

#endif  // TRELLIS_GRAPH_NAME_TABLE_H_
