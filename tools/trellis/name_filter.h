// Names by pattern.
#ifndef TRELLIS_TOOLS_TRELLIS_NAME_FILTER_H_
#define TRELLIS_TOOLS_TRELLIS_NAME_FILTER_H_

#include "absl/strings/string_view.h"

namespace trellis {

// Does all of `name` match? '*' stands for any text, '?' for one character, in
// names of any depth. A pattern without either matches every name that has it
// in it. Takes time proportional to the product of both lengths at most.
bool MatchesPattern(absl::string_view pattern, absl::string_view name);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_NAME_FILTER_H_
