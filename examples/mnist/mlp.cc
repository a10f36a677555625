// Trains a small network on handwritten digits, saves it, and judges it.
//
// On digits drawn by the program, or on the MNIST files in DIR:
//     mlp --save=run/model [--data=DIR]
// In another process, look at what was saved:
//     mlp --restore=run/model --evaluate_only --logits=logits.bin
// Go on where that run stopped:
//     mlp --restore=run/model --save=run/more
// What a linear model can do:
//     mlp --softmax_regression
//
// The same flags give the same bits, also with another number of threads, and
// also if a run is stopped by --stop_at_step, saved, restored by another
// process and finished there.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/base/log.h"
#include "trellis/base/status_macros.h"
#include "trellis/data/batches.h"
#include "trellis/data/digits.h"
#include "trellis/data/labeled_images.h"
#include "trellis/data/mnist.h"
#include "trellis/examples/mnist/network.h"
#include "trellis/graph/graph_def.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/io/whole_file.h"
#include "trellis/nn/training.h"
#include "trellis/runtime/saver.h"
#include "trellis/trellis.h"

ABSL_FLAG(std::string, data, "",
          "directory of the MNIST files; empty: digits drawn by the program");
ABSL_FLAG(int, epochs, 8, "times that the training set is read");
ABSL_FLAG(int64_t, stop_at_step, -1, "stop after this step; -1: at the end");
ABSL_FLAG(int64_t, seed, 1, "of the initial values, the dropout, the order");
ABSL_FLAG(int, threads, -1, "that compute; -1: one per processor");
ABSL_FLAG(std::string, save, "", "prefix of the checkpoint to write");
ABSL_FLAG(std::string, restore, "", "prefix of a checkpoint to begin with");
ABSL_FLAG(bool, evaluate_only, false, "do not train");
ABSL_FLAG(std::string, logits, "",
          "file for the logits of all test images: float32 [images, 10]");
ABSL_FLAG(std::string, graph, "", "file for the graph: a GraphDef");
ABSL_FLAG(bool, softmax_regression, false, "a linear model, for comparison");

namespace trellis::mnist {
namespace {

constexpr int64_t kBatch = 100;
constexpr int64_t kTestBatch = 500;
// The learning rate falls from the one to the other.
constexpr double kFirstRate = 2e-3, kLastRate = 1e-4;
constexpr char kPosition[] = "input_position";  // in checkpoints

Tensor ToTensor(const BatchesState& state) {
  return Tensor::Of<int64_t>({static_cast<int64_t>(state.seed), state.count,
                              state.epoch, state.offset});
}

absl::StatusOr<BatchesState> ToState(const Tensor& tensor) {
  if (tensor.dtype() != kInt64 || tensor.num_elements() != 4) {
    return absl::InvalidArgumentError(
        "the checkpoint's input position is none");
  }
  const absl::Span<const int64_t> v = tensor.flat<int64_t>();
  return BatchesState{static_cast<uint64_t>(v[0]), v[1], v[2], v[3]};
}

float LearningRate(int64_t step, int64_t last_step) {
  const double done = static_cast<double>(step) / last_step;
  return static_cast<float>(kFirstRate *
                            std::pow(kLastRate / kFirstRate, done));
}

// The network, its session, and the digits.
class Experiment {
 public:
  static absl::StatusOr<std::unique_ptr<Experiment>> Make() {
    TrainAndTest digits;
    if (const std::string dir = absl::GetFlag(FLAGS_data); dir.empty()) {
      digits = RenderDigitTask();
    } else {
      TRELLIS_ASSIGN_OR_RETURN(digits, LoadMnist(dir));
    }
    auto experiment =
        std::unique_ptr<Experiment>(new Experiment(std::move(digits)));
    TRELLIS_RETURN_IF_ERROR(experiment->Begin());
    return experiment;
  }

  absl::Status Train();
  absl::Status Save(const std::string& prefix);
  // Prints the share of the test images that are told right.
  absl::Status Evaluate() const;
  // Writes the logits of all test images.
  absl::Status WriteLogits(const std::string& path) const;
  absl::Status WriteGraph(const std::string& path) const;

 private:
  explicit Experiment(TrainAndTest digits)
      : digits_(std::move(digits)),
        batches_(digits_.train, absl::GetFlag(FLAGS_seed)),
        graph_(NewGraph({.seed = absl::GetFlag(FLAGS_seed)})),
        network_(BuildNetwork(graph_.root(),
                              {.model = absl::GetFlag(FLAGS_softmax_regression)
                                            ? Model::kSoftmaxRegression
                                            : Model::kNetwork})) {}

  absl::Status Begin();
  absl::Status Restore(const std::string& prefix);

  // Test images from `first` on, as feeds of pixels and, if there is room for
  // them, labels. They are not copied.
  void FeedTest(int64_t first, std::vector<Tensor>* feeds) const;
  int64_t TestBatches() const {
    return (digits_.test.count + kTestBatch - 1) / kTestBatch;
  }

  const TrainAndTest digits_;
  Batches batches_;
  Graph graph_;
  const Network network_;
  std::unique_ptr<Session> session_;
  Saver saver_{PosixFileSystem::Get()};
};

absl::Status Experiment::Begin() {
  TRELLIS_ASSIGN_OR_RETURN(
      session_, NewSession(graph_, {.threads = absl::GetFlag(FLAGS_threads),
                                    .device_count = {{"CPU", 2}}}));
  const std::string checkpoint = absl::GetFlag(FLAGS_restore);
  return checkpoint.empty() ? session_->Run(network_.initializer)
                            : Restore(checkpoint);
}

absl::Status Experiment::Restore(const std::string& prefix) {
  TRELLIS_ASSIGN_OR_RETURN(
      const RestoreReport report,
      saver_.Restore(*session_, prefix, {.extra = {kPosition}}));
  const auto position = report.extra.find(kPosition);
  if (position == report.extra.end()) {
    return absl::NotFoundError("the checkpoint has no input position");
  }
  TRELLIS_ASSIGN_OR_RETURN(const BatchesState state, ToState(position->second));
  // Evaluating does not depend on what was trained with.
  if (absl::GetFlag(FLAGS_evaluate_only)) return absl::OkStatus();
  return batches_.Restore(state);
}

absl::Status Experiment::Save(const std::string& prefix) {
  return saver_
      .Save(*session_, prefix, std::nullopt,
            {.extra = {{kPosition, ToTensor(batches_.state())}}})
      .status();
}

absl::Status Experiment::Train() {
  const int64_t last_step = std::max<int64_t>(absl::GetFlag(FLAGS_epochs), 1) *
                            digits_.train.count / kBatch;
  const int64_t stop = absl::GetFlag(FLAGS_stop_at_step);
  TRELLIS_ASSIGN_OR_RETURN(const Tensor step,
                           session_->Run(network_.global_step.snapshot()));
  nn::ProgressPrinter printer(stdout);
  return nn::Train(
      *session_,
      {.feeds = {network_.pixels, network_.labels, network_.learning_rate},
       .loss = network_.loss,
       .accuracy = network_.accuracy,
       .train = network_.train},
      {.first_step = step.scalar<int64_t>(),
       .last_step = stop < 0 ? last_step : std::min(stop, last_step),
       .examples_per_step = kBatch,
       .report = [&](const nn::Progress& p) { printer.Print(p); }},
      [&](int64_t i, std::vector<Tensor>* feeds) {
        Tensor& pixels = (*feeds)[0];
        Tensor& labels = (*feeds)[1];
        if (!pixels.valid()) {
          pixels = Tensor(kFloat32, {kBatch, kDigitPixels});
          labels = Tensor(kInt64, {kBatch});
        }
        batches_.Next(pixels.flat<float>(), labels.flat<int64_t>());
        (*feeds)[2] = Tensor::Scalar(LearningRate(i, last_step));
        return absl::OkStatus();
      });
}

void Experiment::FeedTest(int64_t first, std::vector<Tensor>* feeds) const {
  const int64_t count = std::min(kTestBatch, digits_.test.count - first);
  (*feeds)[0] = Tensor::Borrow(
      digits_.test.pixels.data() + first * kDigitPixels, {count, kDigitPixels});
  if (feeds->size() > 1) {
    (*feeds)[1] = Tensor::Borrow(digits_.test.labels.data() + first, {count});
  }
}

absl::Status Experiment::Evaluate() const {
  TRELLIS_ASSIGN_OR_RETURN(
      const std::vector<double> means,
      nn::Evaluate(*session_, {network_.pixels, network_.labels},
                   {network_.test_loss, network_.test_accuracy}, TestBatches(),
                   [&](int64_t i, std::vector<Tensor>* feeds) {
                     FeedTest(i * kTestBatch, feeds);
                     return absl::OkStatus();
                   }));
  std::printf("test loss %.4f  test accuracy %.2f%%\n", means[0],
              100 * means[1]);
  return absl::OkStatus();
}

absl::Status Experiment::WriteLogits(const std::string& path) const {
  TRELLIS_ASSIGN_OR_RETURN(
      const Callable callable,
      session_->MakeCallable({network_.pixels}, {network_.logits}));
  std::string bytes;
  std::vector<Tensor> feeds(1), results;
  for (int64_t i = 0; i < TestBatches(); ++i) {
    FeedTest(i * kTestBatch, &feeds);
    TRELLIS_RETURN_IF_ERROR(callable.Run(feeds, &results));
    bytes.append(static_cast<const char*>(results[0].data()),
                 results[0].bytes());
  }
  return WriteFileAtomically(PosixFileSystem::Get(), path, bytes);
}

absl::Status Experiment::WriteGraph(const std::string& path) const {
  TRELLIS_ASSIGN_OR_RETURN(const std::string bytes, ExportGraphDef(graph_));
  return WriteFileAtomically(PosixFileSystem::Get(), path, bytes);
}

absl::Status Main() {
  TRELLIS_ASSIGN_OR_RETURN(const auto experiment, Experiment::Make());
  if (!absl::GetFlag(FLAGS_evaluate_only)) {
    TRELLIS_RETURN_IF_ERROR(experiment->Train());
  }
  TRELLIS_RETURN_IF_ERROR(experiment->Evaluate());
  if (const std::string prefix = absl::GetFlag(FLAGS_save); !prefix.empty()) {
    TRELLIS_RETURN_IF_ERROR(experiment->Save(prefix));
  }
  if (const std::string path = absl::GetFlag(FLAGS_logits); !path.empty()) {
    TRELLIS_RETURN_IF_ERROR(experiment->WriteLogits(path));
  }
  if (const std::string path = absl::GetFlag(FLAGS_graph); !path.empty()) {
    TRELLIS_RETURN_IF_ERROR(experiment->WriteGraph(path));
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace trellis::mnist

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("trains a network on handwritten digits");
  absl::ParseCommandLine(argc, argv);
  trellis::SetLogSink(trellis::LogToStderr);
  if (const absl::Status status = trellis::mnist::Main(); !status.ok()) {
    std::fprintf(stderr, "mlp: %s\n", status.ToString().c_str());
    return 1;
  }
  return 0;
}
