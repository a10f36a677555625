// Names that a misspelt one may have meant.
#ifndef TRELLIS_GRAPH_NEAREST_NAMES_H_
#define TRELLIS_GRAPH_NEAREST_NAMES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace trellis {

// At most `limit` of the candidates, the nearest by edit distance first, none
// that differs in more than a third of its letters. Looks at the first 10,000
// candidates of similar length only: it words errors and must not become slow.
std::vector<absl::string_view> NearestNames(
    absl::string_view wanted, absl::Span<const absl::string_view> candidates,
    int limit = 3);

// "; did you mean a, b?", or "" if nothing is near: the end of an error.
std::string DidYouMean(absl::string_view wanted,
                       absl::Span<const absl::string_view> candidates);

}  // namespace trellis

#endif  // TRELLIS_GRAPH_NEAREST_NAMES_H_
