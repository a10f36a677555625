#include "trellis/graph/name_table.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace trellis {

// Of a name in lower case, piece by piece: all names with suffixes begin with
// the same piece. Two multiplicative hashes with different multipliers.
class NameTable::Fingerprint {
 public:
  Fingerprint Then(absl::string_view piece) const {
    Fingerprint f = *this;
    for (const char c : piece) {
      const auto lower = static_cast<unsigned char>(absl::ascii_tolower(c));
      f.high_ = (f.high_ ^ lower) * 0x100000001b3;
      f.low_ = (f.low_ + lower) * 0xd6e8feb86659fd93;
      f.low_ ^= f.low_ >> 32;
    }
    return f;
  }
  Entry entry() const {
    return {.low = low_, .high = static_cast<uint32_t>(high_ ^ (high_ >> 29))};
  }

 private:
  uint64_t high_ = 0x9e3779b97f4a7c15;
  uint64_t low_ = 0xc2b2ae3d27d4eb4f;
};

std::string NameTable::Unique(absl::string_view name, bool mark) {
  const Fingerprint request = Fingerprint().Then(name);
  const auto [it, first] = mark ? used_.insert(request.entry())
                                : std::pair(used_.find(request.entry()), false);
  if (first || it == used_.end()) return std::string(name);
  int suffix = it->uses;
  if (mark) ++it->uses;
  const Fingerprint stem = request.Then("_");
  while (true) {
    const absl::AlphaNum digits(suffix++);
    const Entry unique = stem.Then(digits.Piece()).entry();
    if (mark ? used_.insert(unique).second : !used_.contains(unique)) {
      // The next request is most often for this name again: its place is far
      // away in memory, and on its way here until then.
      if (mark) {
        used_.prefetch(stem.Then(absl::AlphaNum(suffix).Piece()).entry());
      }
      return absl::StrCat(name, "_", digits);
    }
  }
}

void NameTable::Mark(absl::string_view name) {
  used_.insert(Fingerprint().Then(name).entry());
}

void NameTable::Mark(absl::Span<const absl::string_view> names) {
  // The places of several names come from memory at the same time.
  constexpr size_t kTogether = 16;
  std::array<Entry, kTogether> entries;
  for (size_t first = 0; first < names.size(); first += kTogether) {
    const size_t count = std::min(kTogether, names.size() - first);
    for (size_t i = 0; i < count; ++i) {
      entries[i] = Fingerprint().Then(names[first + i]).entry();
      used_.prefetch(entries[i]);
    }
    used_.insert(entries.begin(), entries.begin() + count);
  }
}

}  // namespace trellis
