#include "trellis/nn/progress.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace trellis::nn {

std::string FormatProgress(const Progress& p) {
  const std::string last = absl::StrCat(p.last_step);
  std::string text =
      absl::StrFormat("step %*d/%s  loss %.4f", static_cast<int>(last.size()),
                      p.step, last, p.loss);
  if (p.accuracy >= 0) {
    absl::StrAppendFormat(&text, "  accuracy %.2f%%", 100 * p.accuracy);
  }
  absl::StrAppendFormat(&text, "  %.0f examples/s  %.0fs left",
                        p.examples_per_second, p.seconds_left);
  return text;
}

ProgressPrinter::ProgressPrinter(std::FILE* out)
    : out_(out), terminal_(isatty(fileno(out)) == 1) {}

void ProgressPrinter::Print(const Progress& progress) {
  const std::string text = FormatProgress(progress);
  if (!terminal_) {
    std::fprintf(out_, "%s\n", text.c_str());
  } else {
    // Back to the start of the line; clear what the last report left of it.
    std::fprintf(out_, "\r\x1b[K%s", text.c_str());
    if (progress.step >= progress.last_step) std::fputc('\n', out_);
  }
  std::fflush(out_);
}

}  // namespace trellis::nn
