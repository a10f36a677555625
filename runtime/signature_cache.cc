#include "trellis/runtime/signature_cache.h"

#include <algorithm>
#include <utility>

#include "trellis/base/log.h"

namespace trellis {

std::shared_ptr<CompiledSignature> SignatureCache::Find(const Key& key) {
  MutexLock lock(mutex_);
  const auto it = entries_.find(key);
  if (it == entries_.end()) return nullptr;
  it->second.last_use = ++uses_;
  return it->second.signature;
}

void SignatureCache::Add(Key key,
                         std::shared_ptr<CompiledSignature> signature) {
  std::shared_ptr<CompiledSignature> dropped;  // destroyed without the lock
  bool full_now = false;
  {
    MutexLock lock(mutex_);
    if (static_cast<int>(entries_.size()) == limit_) {
      // A look at each costs nothing beside compiling.
      const auto oldest = std::min_element(
          entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
            return a.second.last_use < b.second.last_use;
          });
      dropped = std::move(oldest->second.signature);
      entries_.erase(oldest);
      full_now = !std::exchange(was_full_, true);
    }
    entries_[std::move(key)] = {std::move(signature), ++uses_};
  }
  if (full_now) {
    TRELLIS_LOG(Warning) << "a session has compiled more than " << limit_
                         << " signatures; those not used for longest are "
                            "dropped, and compiled again when they are used";
  }
}

std::vector<std::shared_ptr<CompiledSignature>> SignatureCache::signatures()
    const {
  std::vector<std::shared_ptr<CompiledSignature>> all;
  MutexLock lock(mutex_);
  for (const auto& [key, entry] : entries_) all.push_back(entry.signature);
  return all;
}

}  // namespace trellis
