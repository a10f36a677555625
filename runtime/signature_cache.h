// The compiled signatures of a session: those that were used last. Thread-safe.
#ifndef TRELLIS_RUNTIME_SIGNATURE_CACHE_H_
#define TRELLIS_RUNTIME_SIGNATURE_CACHE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "trellis/base/mutex.h"

namespace trellis {

class CompiledSignature;

class SignatureCache {
 public:
  // Counts, node ids and output indices.
  using Key = std::vector<int>;

  // Keeps at most `limit` signatures, >= 1.
  explicit SignatureCache(int limit) : limit_(limit) {}
  SignatureCache(const SignatureCache&) = delete;
  SignatureCache& operator=(const SignatureCache&) = delete;

  // nullptr if it is not there; else it counts as used. Allocates nothing.
  std::shared_ptr<CompiledSignature> Find(const Key& key);
  // Where there is no room, in place of the one that was not used for longest;
  // who holds that one may go on to. REQUIRES: the key is not there.
  void Add(Key key, std::shared_ptr<CompiledSignature> signature);

  std::vector<std::shared_ptr<CompiledSignature>> signatures() const;

 private:
  struct Entry {
    std::shared_ptr<CompiledSignature> signature;
    uint64_t last_use = 0;
  };

  const int limit_;
  mutable Mutex mutex_;
  // Guarded by mutex_.
  std::map<Key, Entry> entries_;
  uint64_t uses_ = 0;
  bool was_full_ = false;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_SIGNATURE_CACHE_H_
