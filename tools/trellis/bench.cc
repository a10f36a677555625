// trellis bench: how fast a graph runs.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "trellis/base/status_macros.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/tools/trellis/commands.h"
#include "trellis/tools/trellis/ends.h"
#include "trellis/tools/trellis/feeds.h"
#include "trellis/tools/trellis/json_writer.h"
#include "trellis/tools/trellis/model_session.h"
#include "trellis/tools/trellis/placeholders.h"
#include "trellis/tools/trellis/table.h"

namespace trellis {
namespace {

using Clock = std::chrono::steady_clock;

// Without --steps: as many as take this long, within the two bounds.
constexpr double kSeconds = 2;
constexpr int64_t kMinSteps = 10;
constexpr int64_t kMaxSteps = 100000;
constexpr int kProfiledRuns = 5;
constexpr size_t kOpsInText = 20;

double MicrosecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start)
      .count();
}

// ---- what is measured

struct Work {
  Ends ends;
  Feeds feeds;
};

absl::StatusOr<Work> MakeWork(const Flags& flags, const ModelSession& model) {
  const Graph& graph = *model.model.meta.graph;
  Work work;
  TRELLIS_ASSIGN_OR_RETURN(work.ends, RequestedOrLikelyEnds(flags, model));
  TRELLIS_ASSIGN_OR_RETURN(const auto fed,
                           ReadFeeds(PosixFileSystem::Get(), flags.All("feed"),
                                     graph, model.inputs));
  std::vector<Output> tensors;
  for (const FedArray& feed : fed) {
    work.feeds.push_back({feed.tensor, feed.value});
    tensors.push_back(feed.tensor);
  }
  TRELLIS_ASSIGN_OR_RETURN(
      const auto given, ParseShapes(flags.All("shape"), graph, model.inputs));
  TRELLIS_ASSIGN_OR_RETURN(const int64_t batch, flags.IntOr("batch", 1, 1));
  // What --shape and --signature name is fed, too, be it a placeholder or not.
  std::vector<Output> made_up;
  const auto make_up = [&](Output tensor) {
    if (std::find(tensors.begin(), tensors.end(), tensor) != tensors.end()) {
      return;
    }
    tensors.push_back(tensor);
    made_up.push_back(tensor);
  };
  for (const ShapedTensor& shaped : given) make_up(shaped.tensor);
  for (const auto& [key, tensor] : model.inputs) make_up(tensor);
  for (const Output& tensor : NeededPlaceholders(work.ends.nodes(), tensors)) {
    made_up.push_back(tensor);
  }
  uint64_t stream = 0;
  for (const ShapedTensor& shaped : ShapesFor(made_up, given, batch)) {
    TRELLIS_ASSIGN_OR_RETURN(Tensor value, RandomTensor(shaped, stream++));
    work.feeds.push_back({shaped.tensor, std::move(value)});
  }
  return work;
}

// ---- measuring

struct OpTime {
  int64_t steps = 0;  // of the plan
  double us = 0;      // per run
};

struct Measured {
  std::vector<double> step_us;  // sorted
  double load_us = 0, first_run_us = 0;
  int64_t peak_bytes = 0;
  int threads = 0;
  std::map<std::string, OpTime> ops;
};

double Percentile(const std::vector<double>& sorted, double p) {
  const double at = std::ceil(p * static_cast<double>(sorted.size())) - 1;
  return sorted[static_cast<size_t>(std::max(at, 0.0))];
}

int64_t PeakResidentBytes() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return int64_t{1024} * usage.ru_maxrss;
}

absl::Status MeasureSteps(const Flags& flags, const Session& session,
                          const Work& work, Measured* measured) {
  TRELLIS_ASSIGN_OR_RETURN(const auto steps, flags.Int("steps", 1));
  std::vector<TensorRef> names;
  std::vector<Tensor> values;
  for (const auto& [name, value] : work.feeds) {
    names.push_back(name);
    values.push_back(value);
  }
  std::vector<Tensor> results;
  const Clock::time_point first = Clock::now();
  TRELLIS_ASSIGN_OR_RETURN(const Callable callable,
                           session.MakeCallable(names, work.ends.fetch_refs(),
                                                work.ends.target_refs()));
  TRELLIS_RETURN_IF_ERROR(callable.Run(values, &results));
  measured->first_run_us = MicrosecondsSince(first);

  const Clock::time_point start = Clock::now();
  const auto go_on = [&] {
    const auto done = static_cast<int64_t>(measured->step_us.size());
    if (steps.has_value()) return done < *steps;
    return done < kMinSteps ||
           (done < kMaxSteps && MicrosecondsSince(start) < kSeconds * 1e6);
  };
  while (go_on()) {
    const Clock::time_point step = Clock::now();
    TRELLIS_RETURN_IF_ERROR(callable.Run(values, &results));
    measured->step_us.push_back(MicrosecondsSince(step));
  }
  std::sort(measured->step_us.begin(), measured->step_us.end());
  return absl::OkStatus();
}

absl::Status MeasureOps(const Session& session, const Work& work,
                        Measured* measured) {
  for (int run = 0; run < kProfiledRuns; ++run) {
    TRELLIS_ASSIGN_OR_RETURN(const std::vector<StepProfile> steps,
                             session.Profile(work.feeds, work.ends.fetch_refs(),
                                             work.ends.target_refs()));
    for (const StepProfile& step : steps) {
      OpTime& op = measured->ops[step.op];
      op.steps += run == 0 ? 1 : 0;
      op.us += static_cast<double>(step.nanoseconds) / 1e3 / kProfiledRuns;
    }
  }
  return absl::OkStatus();
}

// ---- the answer

std::vector<std::pair<std::string, OpTime>> SlowestFirst(
    const std::map<std::string, OpTime>& ops) {
  std::vector<std::pair<std::string, OpTime>> sorted(ops.begin(), ops.end());
  std::stable_sort(
      sorted.begin(), sorted.end(),
      [](const auto& a, const auto& b) { return a.second.us > b.second.us; });
  return sorted;
}

std::string Json(const Measured& measured, const Work& work) {
  JsonWriter json;
  json.BeginObject();
  json.Key("fetches").BeginArray();
  for (const NamedTensor& fetch : work.ends.fetches) json.String(fetch.name);
  json.EndArray();
  json.Field("steps", measured.step_us.size());
  json.Key("step_us").BeginObject();
  json.Field("min", measured.step_us.front());
  json.Field("median", Percentile(measured.step_us, 0.5));
  json.Field("p90", Percentile(measured.step_us, 0.9));
  json.Field("p99", Percentile(measured.step_us, 0.99));
  json.EndObject();
  json.Field("first_run_us", measured.first_run_us);
  json.Field("load_us", measured.load_us);
  json.Field("peak_bytes", measured.peak_bytes);
  json.Field("threads", measured.threads);
  json.Key("ops").BeginArray();
  for (const auto& [op, time] : SlowestFirst(measured.ops)) {
    json.BeginObject();
    json.Field("op", op);
    json.Field("steps", time.steps);
    json.Field("us", time.us);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return json.text() + "\n";
}

std::string Text(const Measured& measured) {
  const auto us = [](double value) {
    return absl::StrFormat("%.1f us", value);
  };
  Table table;
  table.AddRow({"step median", us(Percentile(measured.step_us, 0.5))});
  table.AddRow({"step min", us(measured.step_us.front())});
  table.AddRow({"step p90", us(Percentile(measured.step_us, 0.9))});
  table.AddRow({"step p99", us(Percentile(measured.step_us, 0.99))});
  table.AddRow({"first run", us(measured.first_run_us)});
  table.AddRow({"load", us(measured.load_us)});
  table.AddRow({"peak memory", BytesText(measured.peak_bytes)});
  table.AddRow({"threads", absl::StrCat(measured.threads)});
  Table ops;
  size_t rows = 0;
  for (const auto& [op, time] : SlowestFirst(measured.ops)) {
    if (rows++ == kOpsInText) break;
    ops.AddRow({"  " + op, us(time.us), absl::StrCat(time.steps, " steps")});
  }
  return absl::StrCat(measured.step_us.size(), " steps\n", table.ToString(),
                      "\nby op, of a run with clocks\n", ops.ToString());
}

absl::StatusOr<Answer> RunBench(const Flags& flags, std::ostream& out) {
  Measured measured;
  const Clock::time_point start = Clock::now();
  TRELLIS_ASSIGN_OR_RETURN(ModelSession model, OpenModelSession(flags));
  TRELLIS_RETURN_IF_ERROR(GiveValues(flags, model));
  measured.load_us = MicrosecondsSince(start);
  TRELLIS_ASSIGN_OR_RETURN(const Work work, MakeWork(flags, model));
  TRELLIS_RETURN_IF_ERROR(MeasureSteps(flags, *model.session, work, &measured));
  measured.peak_bytes = PeakResidentBytes();
  TRELLIS_RETURN_IF_ERROR(MeasureOps(*model.session, work, &measured));
  TRELLIS_ASSIGN_OR_RETURN(
      const int64_t threads,
      flags.IntOr("threads", std::thread::hardware_concurrency()));
  measured.threads = static_cast<int>(threads);
  out << (WantsJson(flags) ? Json(measured, work) : Text(measured));
  return Answer::kYes;
}

}  // namespace

Command BenchCommand() {
  Command command = {
      .name = "bench",
      .arguments = "FILE",
      .summary = "how fast a graph runs",
      .details =
          "Feeds and fetches as `run`. Placeholders that are not fed get "
          "made-\n"
          "up data of their shapes; without --fetch and --target the output\n"
          "that `inspect` finds likeliest is fetched. load: the file, session\n"
          "and variables; first run: compiling and planning included; peak\n"
          "memory: of the whole process until the steps were done.\n",
      .flags = {{"feed", "NAME=FILE", "as `run` takes it"},
                {"fetch", "NAME", "a tensor, or a node's output 0; repeat"},
                {"target", "NAME", "a node to run; repeat"},
                {"shape", "NAME=1,224,224,3",
                 "shape of made-up data for this tensor; repeat"},
                {"batch", "N",
                 "an open first dimension of made-up data; 1 if not given"},
                {"steps", "N",
                 "steps to time; as many as take 2 s if not "
                 "given"}},
      .run = RunBench};
  for (FlagSpec& flag : ModelSessionFlags()) {
    command.flags.push_back(std::move(flag));
  }
  return command;
}

}  // namespace trellis
