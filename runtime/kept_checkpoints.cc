#include "trellis/runtime/kept_checkpoints.h"

#include <algorithm>
#include <utility>

namespace trellis {

void KeptCheckpoints::Add(absl::string_view prefix, absl::Time now) {
  if (max_to_keep_ == 0) return;
  entries_.erase(
      std::remove_if(entries_.begin(), entries_.end(),
                     [&](const Entry& e) { return e.prefix == prefix; }),
      entries_.end());
  entries_.push_back({std::string(prefix), now});
}

std::vector<std::string> KeptCheckpoints::GiveUp() {
  std::vector<std::string> to_delete;
  while (static_cast<int>(entries_.size()) > max_to_keep_) {
    Entry oldest = std::move(entries_.front());
    entries_.erase(entries_.begin());
    if (oldest.time > next_keep_) {
      next_keep_ += keep_one_every_;
    } else {
      to_delete.push_back(std::move(oldest.prefix));
    }
  }
  return to_delete;
}

std::vector<std::string> KeptCheckpoints::prefixes() const {
  std::vector<std::string> all;
  for (const Entry& e : entries_) all.push_back(e.prefix);
  return all;
}

}  // namespace trellis
