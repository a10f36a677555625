// The names a graph has handed out (R1.12 - R1.16): case-insensitively unique,
// with TensorFlow's suffixes.
#ifndef TRELLIS_GRAPH_NAME_TABLE_H_
#define TRELLIS_GRAPH_NAME_TABLE_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace trellis {

// Keeps 128-bit fingerprints instead of the names: a graph of a million nodes
// has a million of them. Two names of one fingerprint (never seen) would make a
// suffix that TensorFlow would not, and no harm beyond that.
class NameTable {
 public:
  // `name`, or `name` with the first free suffix "_1", "_2", ... With `mark`
  // the answer and the request are recorded, so that the next one differs.
  std::string Unique(absl::string_view name, bool mark);
  // Records a name that a node got without asking (import, R1.17).
  void Mark(absl::string_view name);

 private:
  struct Fingerprint {
    uint64_t high = 0;
    uint64_t low = 0;
    bool operator==(const Fingerprint&) const = default;
    template <typename H>
    friend H AbslHashValue(H h, const Fingerprint& f) {
      return H::combine(std::move(h), f.low);
    }
  };

  // Of the name in lower case.
  static Fingerprint Of(absl::string_view name);

  // How often the name was asked for.
  absl::flat_hash_map<Fingerprint, int> used_;
};

}  // namespace trellis

#endif  // TRELLIS_GRAPH_NAME_TABLE_H_
