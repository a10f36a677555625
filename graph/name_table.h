// The names a graph has handed out (R1.12 - R1.16): case-insensitively unique,
// with TensorFlow's suffixes.
#ifndef TRELLIS_GRAPH_NAME_TABLE_H_
#define TRELLIS_GRAPH_NAME_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace trellis {

// Keeps 96-bit fingerprints instead of the names: a graph of a million nodes
// has a million of them. Two names of one fingerprint (never seen) would make a
// suffix that TensorFlow would not, and no harm beyond that.
class NameTable {
 public:
  // `name`, or `name` with the first free suffix "_1", "_2", ... With `mark`
  // the answer and the request are recorded, so that the next one differs.
  std::string Unique(absl::string_view name, bool mark);
  // Records a name that a node got without asking (import, R1.17).
  void Mark(absl::string_view name);
  void Mark(absl::Span<const absl::string_view> names);
  // Makes room for so many names in all.
  void Reserve(size_t names) { used_.reserve(names); }

 private:
  // A name by its fingerprint. 16 bytes, so that four share a cache line.
  struct Entry {
    uint64_t low;
    uint32_t high;
    // How often the name was asked for; no part of the key.
    mutable int uses = 1;

    bool operator==(const Entry& other) const {
      return low == other.low && high == other.high;
    }
    template <typename H>
    friend H AbslHashValue(H h, const Entry& entry) {
      return H::combine(std::move(h), entry.low);
    }
  };
  class Fingerprint;

  absl::flat_hash_set<Entry> used_;
};

}  // namespace trellis

#endif  // TRELLIS_GRAPH_NAME_TABLE_H_
