// trellis run: runs a graph, step after step.
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "trellis/base/status_macros.h"
#include "trellis/io/npy.h"
#include "trellis/io/path.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/io/whole_file.h"
#include "trellis/runtime/saver.h"
#include "trellis/tools/trellis/commands.h"
#include "trellis/tools/trellis/ends.h"
#include "trellis/tools/trellis/feeds.h"
#include "trellis/tools/trellis/json_writer.h"
#include "trellis/tools/trellis/model_session.h"
#include "trellis/tools/trellis/row_batches.h"
#include "trellis/tools/trellis/steps.h"
#include "trellis/tools/trellis/tensor_text.h"

namespace trellis {
namespace {

// Elements of a printed tensor: in text, and in JSON.
constexpr int kTextElements = 16;
constexpr int64_t kJsonElements = 1000;

// ---- what was asked for

struct Wanted {
  Ends ends;  // its fetches: those of the answer, then what is only printed
  size_t num_fetches = 0;
  std::vector<size_t> printed;  // indices of the fetches
};

absl::StatusOr<Wanted> ParseWanted(const Flags& flags,
                                   const ModelSession& model) {
  Wanted wanted;
  TRELLIS_ASSIGN_OR_RETURN(wanted.ends, RequestedEnds(flags, model));
  std::vector<NamedTensor>& fetches = wanted.ends.fetches;
  wanted.num_fetches = fetches.size();
  for (const std::string& name : flags.All("print")) {
    TRELLIS_ASSIGN_OR_RETURN(
        const Output tensor,
        ResolveTensor(*model.model.meta.graph, model.outputs, name));
    wanted.printed.push_back(fetches.size());
    fetches.push_back({name, tensor});
  }
  if (!wanted.ends.empty()) return wanted;
  return absl::InvalidArgumentError(
      "nothing to run; give --fetch, --target or --print");
}

// ---- what is made of the results

std::string FileNameOf(absl::string_view name) {
  return absl::StrReplaceAll(name, {{"/", "_"}, {":", "_"}}) + ".npy";
}

absl::Status WriteFetches(const std::string& dir, const Wanted& wanted,
                          const std::vector<Tensor>& values) {
  FileSystem& files = PosixFileSystem::Get();
  TRELLIS_RETURN_IF_ERROR(files.CreateDirs(dir));
  std::map<std::string, std::string> names;  // by file
  for (size_t f = 0; f < wanted.num_fetches; ++f) {
    const std::string& name = wanted.ends.fetches[f].name;
    const std::string file = FileNameOf(name);
    const auto [other, added] = names.emplace(file, name);
    if (!added && other->second != name) {
      return absl::InvalidArgumentError(
          absl::StrCat("--out: ", other->second, " and ", name,
                       " would have one file, ", file));
    }
    TRELLIS_ASSIGN_OR_RETURN(const std::string bytes, SerializeNpy(values[f]));
    TRELLIS_RETURN_IF_ERROR(
        WriteFileAtomically(files, JoinPath(dir, file), bytes));
  }
  return absl::OkStatus();
}

void WriteTensor(absl::string_view name, const Tensor& value,
                 JsonWriter& json) {
  json.BeginObject();
  json.Field("name", name);
  WriteTypeAndShape(value.dtype(), value.shape(), json);
  if (value.num_elements() <= kJsonElements) {
    json.Key("values");
    WriteElements(value, kJsonElements, json);
  }
  json.EndObject();
}

// Prints as the steps go, or collects for JSON.
class StepPrinter {
 public:
  StepPrinter(const Wanted& wanted, bool json, std::ostream& out)
      : wanted_(wanted), as_json_(json), out_(out) {
    json_.BeginArray();
  }

  void Step(int64_t step, const std::vector<Tensor>& values) {
    if (wanted_.printed.empty()) return;
    if (as_json_) return StepJson(step, values);
    std::string line = absl::StrCat("step ", step);
    for (size_t f : wanted_.printed) {
      const Tensor& value = values[f];
      std::string text = value.ToString(kTextElements);
      // A scalar without "float32[]: ".
      if (value.shape().rank() == 0) text = text.substr(text.find(": ") + 2);
      absl::StrAppend(&line, "  ", wanted_.ends.fetches[f].name, " ", text);
    }
    out_ << line << std::endl;
  }

  // The array of all steps. Call it once, at the end.
  const std::string& Json() {
    json_.EndArray();
    return json_.text();
  }

 private:
  void StepJson(int64_t step, const std::vector<Tensor>& values) {
    json_.BeginObject();
    json_.Field("step", step);
    json_.Key("values").BeginObject();
    for (size_t f : wanted_.printed) {
      json_.Key(wanted_.ends.fetches[f].name);
      WriteElements(values[f], kJsonElements, json_);
    }
    json_.EndObject();
    json_.EndObject();
  }

  const Wanted& wanted_;
  const bool as_json_;
  std::ostream& out_;
  JsonWriter json_;
};

// ---- checkpoints

// Where checkpoints go, and after which steps.
class CheckpointWriter {
 public:
  CheckpointWriter(const Flags& flags, const ModelSession& model, int64_t every)
      : path_(flags.Get("save")),
        every_(every),
        model_(model),
        saver_(PosixFileSystem::Get(), {.max_to_keep = 0}),
        has_unsaved_(HasUnsavedVariables(model.model.meta)) {}

  // After step `done` of `steps`, counted from 1.
  absl::Status AfterStep(int64_t done, int64_t steps) {
    if (path_.empty()) return absl::OkStatus();
    if (every_ == 0) {
      return done == steps ? Save(std::nullopt) : absl::OkStatus();
    }
    if (done % every_ != 0 && done != steps) return absl::OkStatus();
    TRELLIS_ASSIGN_OR_RETURN(const std::optional<int64_t> global,
                             GlobalStep(*model_.session, model_.model.meta));
    return Save(global.value_or(done));
  }

  const std::vector<std::string>& saved() const { return saved_; }

 private:
  absl::Status Save(std::optional<int64_t> step) {
    TRELLIS_ASSIGN_OR_RETURN(saved_.emplace_back(),
                             saver_.Save(*model_.session, path_, step,
                                         {.skip_uninitialized = has_unsaved_}));
    return absl::OkStatus();
  }

  const std::string path_;
  const int64_t every_;
  const ModelSession& model_;
  Saver saver_;
  const bool has_unsaved_;
  std::vector<std::string> saved_;
};

// ---- the run

struct Outcome {
  int64_t steps = 0;
  double seconds = 0;
  std::vector<Tensor> values;  // of the answer's fetches, over all steps
  std::vector<std::string> saved;
  std::string printed;  // JSON
};

absl::StatusOr<Outcome> RunSteps(const Flags& flags, const ModelSession& model,
                                 const Wanted& wanted, std::ostream& out) {
  TRELLIS_ASSIGN_OR_RETURN(std::vector<FedArray> feeds,
                           ReadFeeds(PosixFileSystem::Get(), flags.All("feed"),
                                     *model.model.meta.graph, model.inputs));
  TRELLIS_ASSIGN_OR_RETURN(StepFeeds step_feeds,
                           StepFeeds::Make(flags, std::move(feeds)));
  TRELLIS_ASSIGN_OR_RETURN(const int64_t every, flags.IntOr("every", 0, 1));
  if (every > 0 && !flags.Has("save")) {
    return absl::InvalidArgumentError("--every needs --save PREFIX");
  }
  TRELLIS_ASSIGN_OR_RETURN(const Callable callable,
                           model.session->MakeCallable(
                               step_feeds.tensors(), wanted.ends.fetch_refs(),
                               wanted.ends.target_refs()));
  // What is only printed is no result.
  StepResults results(
      absl::MakeSpan(wanted.ends.fetches).first(wanted.num_fetches),
      step_feeds.is_batched());
  StepPrinter printer(wanted, WantsJson(flags), out);
  CheckpointWriter writer(flags, model, every);
  Outcome outcome = {.steps = step_feeds.steps()};
  const auto start = std::chrono::steady_clock::now();
  std::vector<Tensor> values;
  for (int64_t step = 1; step <= outcome.steps; ++step) {
    TRELLIS_RETURN_IF_ERROR(callable.Run(step_feeds.Next(), &values));
    printer.Step(step, values);
    results.Add(absl::MakeSpan(values).first(wanted.num_fetches));
    TRELLIS_RETURN_IF_ERROR(writer.AfterStep(step, outcome.steps));
  }
  outcome.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  TRELLIS_ASSIGN_OR_RETURN(outcome.values, results.Join());
  outcome.saved = writer.saved();
  outcome.printed = printer.Json();
  return outcome;
}

std::string OutcomeJson(const Outcome& outcome, const Wanted& wanted) {
  JsonWriter json;
  json.BeginObject();
  json.Field("steps", outcome.steps);
  json.Field("seconds", outcome.seconds);
  json.Key("printed").Raw(outcome.printed);
  json.Key("fetches").BeginArray();
  for (size_t f = 0; f < wanted.num_fetches; ++f) {
    WriteTensor(wanted.ends.fetches[f].name, outcome.values[f], json);
  }
  json.EndArray();
  json.Field("saved", outcome.saved);
  json.EndObject();
  return json.text() + "\n";
}

std::string OutcomeText(const Outcome& outcome, const Wanted& wanted,
                        bool print_fetches) {
  std::string text;
  for (size_t f = 0; print_fetches && f < wanted.num_fetches; ++f) {
    absl::StrAppend(&text, wanted.ends.fetches[f].name, " ",
                    outcome.values[f].ToString(kTextElements), "\n");
  }
  for (const std::string& prefix : outcome.saved) {
    absl::StrAppend(&text, "saved ", prefix, "\n");
  }
  return text;
}

absl::StatusOr<Answer> RunRun(const Flags& flags, std::ostream& out) {
  TRELLIS_ASSIGN_OR_RETURN(ModelSession model, OpenModelSession(flags));
  TRELLIS_ASSIGN_OR_RETURN(const Wanted wanted, ParseWanted(flags, model));
  TRELLIS_RETURN_IF_ERROR(GiveValues(flags, model));
  TRELLIS_ASSIGN_OR_RETURN(const Outcome outcome,
                           RunSteps(flags, model, wanted, out));
  if (flags.Has("out")) {
    TRELLIS_RETURN_IF_ERROR(
        WriteFetches(flags.Get("out"), wanted, outcome.values));
  }
  out << (WantsJson(flags) ? OutcomeJson(outcome, wanted)
                           : OutcomeText(outcome, wanted, !flags.Has("out")));
  return Answer::kYes;
}

}  // namespace

Command RunCommand() {
  Command command = {
      .name = "run",
      .arguments = "FILE",
      .summary = "runs a graph: inference, or steps of training",
      .details =
          "Each step fetches what --fetch and --print name and runs --target.\n"
          "Without --batch a step is fed the whole arrays, and --out gets "
          "what\n"
          "the last step gave. With --batch N it is fed the next N rows; a\n"
          "fetch whose first dimension the graph leaves open is then joined\n"
          "over all steps.\n"
          "--init runs the collection init_op, else a NoOp named init, else\n"
          "the initializers of all variables, and then those of local ones.\n"
          "--save writes the checkpoint PREFIX at the end; with --every N\n"
          "PREFIX-STEP after every N steps and at the end, where STEP is the\n"
          "graph's global step, if it has one.\n",
      .flags = {{"feed", "NAME=FILE",
                 ".npy, or .npz:MEMBER; FILE.npz alone feeds all its members"},
                {"fetch", "NAME", "a tensor, or a node's output 0; repeat"},
                {"target", "NAME", "a node to run; repeat"},
                {"print", "NAME", "print this tensor at every step; repeat"},
                {"steps", "N", "1 if not given; with --batch one epoch"},
                {"batch", "N", "rows of the fed arrays per step"},
                {"shuffle", "SEED", "rows in random order, anew each epoch"},
                {"save", "PREFIX", "where checkpoints go"},
                {"every", "N", "steps between checkpoints"},
                {"out", "DIR",
                 "a file per fetch, '/' and ':' in its name written as '_'"}},
      .run = RunRun};
  for (FlagSpec& flag : ModelSessionFlags()) {
    command.flags.push_back(std::move(flag));
  }
  return command;
}

}  // namespace trellis
