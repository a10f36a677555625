// How far a training run has come.
#ifndef TRELLIS_NN_PROGRESS_H_
#define TRELLIS_NN_PROGRESS_H_

#include <cstdint>
#include <cstdio>
#include <string>

namespace trellis::nn {

struct Progress {
  int64_t step = 0;  // that is done
  int64_t last_step = 0;
  double loss = 0;      // means since the last report
  double accuracy = 0;  // 0 to 1; below 0: not measured
  double examples_per_second = 0;
  double seconds_left = 0;
};

// "step  300/3000  loss 0.1234  accuracy 96.50%  21400 examples/s  12s left".
std::string FormatProgress(const Progress& progress);

// Writes reports to a stream: each over the one before on a terminal, a line
// each elsewhere. Not thread-safe.
class ProgressPrinter {
 public:
  // `out` must outlive it.
  explicit ProgressPrinter(std::FILE* out);

  void Print(const Progress& progress);

 private:
  std::FILE* const out_;
  const bool terminal_;
};

}  // namespace trellis::nn

#endif  // TRELLIS_NN_PROGRESS_H_
