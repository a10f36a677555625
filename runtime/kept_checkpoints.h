// Which checkpoints a saver keeps (R9.14 - R9.16): the newest few, and for good
// one every so many hours. Names and times only; it touches no files.
#ifndef TRELLIS_RUNTIME_KEPT_CHECKPOINTS_H_
#define TRELLIS_RUNTIME_KEPT_CHECKPOINTS_H_

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace trellis {

class KeptCheckpoints {
 public:
  // max_to_keep 0 or less: nothing is remembered and nothing given up.
  KeptCheckpoints(int max_to_keep, absl::Duration keep_one_every,
                  absl::Time now)
      : max_to_keep_(std::max(max_to_keep, 0)),
        keep_one_every_(keep_one_every),
        next_keep_(now + keep_one_every) {}

  // A checkpoint was written; one of the same name moves to the end.
  void Add(absl::string_view prefix, absl::Time now);
  // Forgets those beyond max_to_keep and returns the ones of them to delete,
  // oldest first: one that is later than the next time to keep stays for good
  // and moves that time on.
  std::vector<std::string> GiveUp();

  // Oldest first.
  std::vector<std::string> prefixes() const;

 private:
  struct Entry {
    std::string prefix;
    absl::Time time;
  };

  int max_to_keep_;
  absl::Duration keep_one_every_;
  absl::Time next_keep_;
  std::vector<Entry> entries_;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_KEPT_CHECKPOINTS_H_
