// Text within 80 columns, for generated files.
#ifndef TRELLIS_TOOLS_GEN_OPS_TEXT_H_
#define TRELLIS_TOOLS_GEN_OPS_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace trellis {

// Breaks `text` at spaces so that each line, with `prefix` before it, stays
// within 80 columns where words allow. Line breaks of the text are kept; lines
// that begin with a space are left whole. Ends with a line break.
std::string Fill(absl::string_view text, absl::string_view prefix);

// "open item, item, item" + close, broken between items and indented to the end
// of `open`, or by four where an item would not fit there. Ends with a line
// break.
std::string FillList(absl::string_view open,
                     const std::vector<std::string>& items,
                     absl::string_view close);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_GEN_OPS_TEXT_H_
