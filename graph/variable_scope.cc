#include "trellis/graph/variable_scope.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace trellis {

std::shared_ptr<ScopeCounters> ScopeCounters::OpenByName(
    std::shared_ptr<ScopeCounters> opener, absl::string_view name) {
  auto counters = std::make_shared<ScopeCounters>();
  counters->prefix_ = absl::StrCat(name, "/");
  for (const ScopeCounters* from = opener.get();; from = from->opener_.get()) {
    for (auto it = from->counts_.lower_bound(counters->prefix_);
         it != from->counts_.end() &&
         absl::StartsWith(it->first, counters->prefix_);
         ++it) {
      counters->counts_.insert(*it);  // what a nearer table says stays
    }
    if (from->Owns(counters->prefix_)) break;
  }
  // What the opener sees after the scope is left (R2.11).
  for (const auto& [below, count] : counters->counts_) {
    opener->counts_[below] = 0;
  }
  counters->opener_ = std::move(opener);
  return counters;
}

std::shared_ptr<ScopeCounters> ScopeCounters::OpenByScope(
    std::shared_ptr<ScopeCounters> opener) {
  auto counters = std::make_shared<ScopeCounters>();
  counters->opener_ = std::move(opener);
  return counters;
}

bool ScopeCounters::Owns(absl::string_view name) const {
  return opener_ == nullptr ||
         (!prefix_.empty() && absl::StartsWith(name, prefix_));
}

int ScopeCounters::Get(const std::string& name) const {
  const auto it = counts_.find(name);
  if (it != counts_.end()) return it->second;
  return Owns(name) ? 0 : opener_->Get(name);
}

void ScopeCounters::Increment(const std::string& name) {
  if (!prefix_.empty() && !Owns(name)) {
    opener_->Increment(name);
  } else {
    counts_[name] = Get(name) + 1;
  }
}

}  // namespace trellis
