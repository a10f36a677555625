#include "trellis/tools/gpu_check/gpu_check.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "trellis/tools/gpu_check/child_process.h"
#include "trellis/tools/gpu_check/program_report.h"
#include "trellis/tools/gpu_check/unpack.h"
#include "trellis/tools/trellis/table.h"

namespace trellis {
namespace {

namespace fs = std::filesystem;

// What is shown of a failed program's output.
constexpr size_t kShownLines = 60;
constexpr double kInspectSeconds = 30;

const char* Word(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPassed:
      return "passed";
    case Outcome::kFailed:
      return "FAILED";
    case Outcome::kSkipped:
      return "skipped";
  }
  return "";
}

std::vector<std::string> FilesOf(const fs::path& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// A folder for what tests write, which goes with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::error_code error;
    std::string pattern =
        (fs::temp_directory_path(error) / "gpu_check.XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code error;
    if (!path_.empty()) fs::remove_all(path_, error);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class Check {
 public:
  Check(const GpuCheckOptions& options, std::ostream& out)
      : options_(options), folder_(fs::absolute(options.folder)), out_(out) {}

  int Run() {
    Programs("bin");
    Inspect();
    for (const std::string& test : Programs("tests")) RunTest(test);
    for (const std::string& benchmark : Programs("benchmarks")) {
      RunBenchmark(benchmark);
    }
    return Report();
  }

 private:
  double Left() const {
    const std::chrono::duration<double> passed =
        std::chrono::steady_clock::now() - start_;
    return options_.total_seconds - passed.count();
  }

  ChildResult Start(const std::string& program,
                    std::vector<std::string> arguments, double seconds) {
    return RunChild({.program = program,
                     .arguments = std::move(arguments),
                     .folder = (folder_ / "data").string(),
                     .variables = {{"TEST_TMPDIR", temporary_.path()}},
                     .seconds = std::min(seconds, Left())});
  }

  // Unpacked; what cannot be is a failed row.
  std::vector<std::string> Programs(const char* part) {
    for (const std::string& file : FilesOf(folder_ / part)) {
      if (!absl::EndsWith(file, ".gz")) continue;
      const absl::Status unpacked = Unpack(file);
      if (unpacked.ok()) continue;
      rows_.push_back({.name = fs::path(file).filename().string(),
                       .figure = std::string(unpacked.message())});
    }
    std::vector<std::string> programs = FilesOf(folder_ / part);
    std::erase_if(programs, [](const std::string& file) {
      return absl::EndsWith(file, ".gz");
    });
    return programs;
  }

  void Inspect() {
    const std::string trellis = (folder_ / "bin" / "trellis").string();
    const ChildResult gpus =
        Start(trellis, {"devices", "--type=GPU"}, kInspectSeconds);
    has_gpu_ = gpus.status == 0;
    // What is wrong with the program itself is no answer.
    why_no_gpu_ = gpus.status == 1
                      ? gpus.output
                      : absl::StrCat(gpus.ended, "\n", gpus.output);
    machine_ = Start(trellis, {"devices"}, kInspectSeconds).output;
  }

  void RunTest(const std::string& path) {
    RunOne(path, {"--gtest_color=no"}, ReadTestReport);
  }

  void RunBenchmark(const std::string& path) {
    if (has_gpu_) {
      RunOne(path, {"--benchmark_format=json"}, ReadBenchmarkReport);
      return;
    }
    rows_.push_back({.name = fs::path(path).filename().string(),
                     .outcome = Outcome::kSkipped,
                     .figure = "there is no GPU"});
  }

  void RunOne(const std::string& path, std::vector<std::string> arguments,
              std::vector<ReportRow> (*read)(absl::string_view,
                                             const ChildResult&)) {
    const std::string name = fs::path(path).filename().string();
    if (Left() <= 0) {
      rows_.push_back({.name = name, .figure = "not started: no time is left"});
      return;
    }
    const ChildResult result =
        Start(path, std::move(arguments), options_.program_seconds);
    const std::vector<ReportRow> rows = read(name, result);
    rows_.insert(rows_.end(), rows.begin(), rows.end());
    if (std::any_of(rows.begin(), rows.end(), [](const ReportRow& row) {
          return row.outcome == Outcome::kFailed;
        })) {
      ShowEnd(name, result);
    }
  }

  void ShowEnd(const std::string& name, const ChildResult& result) {
    std::vector<absl::string_view> lines = absl::StrSplit(result.output, '\n');
    if (lines.size() > kShownLines) {
      lines.erase(lines.begin(), lines.end() - kShownLines);
    }
    out_ << "---- the end of what " << name << " printed:\n"
         << absl::StrJoin(lines, "\n") << "\n";
    out_.flush();
  }

  std::string ReportText() const {
    std::string commit;
    std::getline(std::ifstream(folder_ / "COMMIT"), commit);
    std::string text = absl::StrCat("built from ", commit, "\n\n", machine_);
    Table table;
    table.AddRow({"name", "result", "seconds", "figure"});
    std::array<int, 3> counts = {};
    for (const ReportRow& row : rows_) {
      table.AddRow({row.name, Word(row.outcome),
                    absl::StrFormat("%.3f", row.seconds), row.figure});
      ++counts[static_cast<size_t>(row.outcome)];
    }
    absl::StrAppend(&text, "\n", table.ToString(), "\n");
    if (!has_gpu_) absl::StrAppend(&text, "there was no GPU: ", why_no_gpu_);
    const auto [passed, failed, skipped] = counts;
    absl::StrAppend(&text, passed, " passed, ", failed, " failed");
    if (skipped > 0) absl::StrAppend(&text, ", ", skipped, " skipped");
    return absl::StrCat(text, "\n");
  }

  int Report() {
    const std::string text = ReportText();
    bool written = true;
    if (!options_.out.empty()) {
      std::ofstream file(options_.out);
      file << text;
      written = static_cast<bool>(file.flush());
    }
    if (!written) out_ << options_.out << " cannot be written\n";
    out_ << text;
    out_.flush();
    const auto none = [this](Outcome outcome) {
      return std::none_of(
          rows_.begin(), rows_.end(),
          [outcome](const ReportRow& row) { return row.outcome == outcome; });
    };
    return has_gpu_ && written && none(Outcome::kFailed) &&
                   !none(Outcome::kPassed)
               ? 0
               : 1;
  }

  const GpuCheckOptions& options_;
  const fs::path folder_;
  std::ostream& out_;
  const TemporaryFolder temporary_;
  const std::chrono::steady_clock::time_point start_ =
      std::chrono::steady_clock::now();
  bool has_gpu_ = false;
  std::string why_no_gpu_;
  std::string machine_;
  std::vector<ReportRow> rows_;
};

}  // namespace

int GpuCheck(const GpuCheckOptions& options, std::ostream& out) {
  return Check(options, out).Run();
}

}  // namespace trellis
