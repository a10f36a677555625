// trellis ckpt: what is in a checkpoint.
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/nearest_names.h"
#include "trellis/io/model_file.h"
#include "trellis/io/open_checkpoint.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/tools/trellis/ckpt_diff.h"
#include "trellis/tools/trellis/ckpt_match.h"
#include "trellis/tools/trellis/commands.h"
#include "trellis/tools/trellis/json_writer.h"
#include "trellis/tools/trellis/name_filter.h"
#include "trellis/tools/trellis/open_model.h"
#include "trellis/tools/trellis/table.h"
#include "trellis/tools/trellis/tensor_stats.h"
#include "trellis/tools/trellis/tensor_text.h"

namespace trellis {
namespace {

// ---- list

struct ListedTensor {
  std::string name;
  const CheckpointTensor* tensor;
  std::optional<TensorStats> stats;
};

absl::StatusOr<std::vector<ListedTensor>> List(
    const CheckpointReader& checkpoint, const Flags& flags) {
  std::vector<ListedTensor> listed;
  for (const std::string& name : checkpoint.names()) {
    if (flags.Has("name") && !MatchesPattern(flags.Get("name"), name)) continue;
    ListedTensor& row =
        listed.emplace_back(ListedTensor{name, checkpoint.Find(name), {}});
    // Elements of other types cannot be made here; they are listed all the
    // same.
    const DType dtype = row.tensor->dtype;
    if (!flags.Has("stats") || (DTypeSize(dtype) == 0 && dtype != kString)) {
      continue;
    }
    TRELLIS_ASSIGN_OR_RETURN(const Tensor value, checkpoint.Read(name));
    row.stats = StatsOf(value);
  }
  return listed;
}

void WriteStats(const TensorStats& stats, JsonWriter& json) {
  json.Field("min", stats.min);
  json.Field("max", stats.max);
  json.Field("mean", stats.mean);
  json.Field("std", stats.std);
  json.Field("l2", stats.l2);
  json.Field("not_finite", stats.not_finite);
  json.Field("crc32", stats.crc32);
}

std::string ListJson(const CheckpointReader& checkpoint, absl::string_view kind,
                     const std::vector<ListedTensor>& listed) {
  JsonWriter json;
  json.BeginObject();
  json.Field("kind", kind);
  json.Field("prefix", checkpoint.prefix());
  json.Key("tensors").BeginArray();
  for (const ListedTensor& row : listed) {
    json.BeginObject();
    json.Field("name", row.name);
    WriteTypeAndShape(row.tensor->dtype, row.tensor->shape, json);
    if (!row.tensor->slices.empty()) {
      json.Field("slices", row.tensor->slices.size());
    }
    if (row.stats.has_value()) WriteStats(*row.stats, json);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return json.text() + "\n";
}

std::string ListText(const std::vector<ListedTensor>& listed, bool stats) {
  Table table;
  if (stats) {
    table.AddRow(
        {"name", "dtype", "shape", "min", "max", "mean", "std", "l2", "crc32"});
  }
  for (const ListedTensor& row : listed) {
    std::vector<std::string> cells = {row.name, DTypeName(row.tensor->dtype),
                                      row.tensor->shape.ToString()};
    if (row.stats.has_value()) {
      const TensorStats& s = *row.stats;
      for (double value : {s.min, s.max, s.mean, s.std, s.l2}) {
        cells.push_back(NumberText(value));
      }
      cells.push_back(Crc32Text(s.crc32));
    }
    table.AddRow(std::move(cells));
  }
  return table.ToString();
}

// ---- values

absl::StatusOr<Answer> PrintValues(const CheckpointReader& checkpoint,
                                   const Flags& flags, std::ostream& out) {
  TRELLIS_ASSIGN_OR_RETURN(const int64_t limit, flags.IntOr("limit", 1000));
  JsonWriter json;
  json.BeginObject();
  json.Key("tensors").BeginArray();
  std::string text;
  for (const std::string& name : flags.All("values")) {
    if (checkpoint.Find(name) == nullptr) {
      const std::vector<std::string> names = checkpoint.names();
      return absl::NotFoundError(
          absl::StrCat("the checkpoint has no tensor \"", name, "\"",
                       DidYouMean(name, std::vector<absl::string_view>(
                                            names.begin(), names.end()))));
    }
    TRELLIS_ASSIGN_OR_RETURN(const Tensor value, checkpoint.Read(name));
    json.BeginObject();
    json.Field("name", name);
    WriteTypeAndShape(value.dtype(), value.shape(), json);
    json.Key("values");
    WriteElements(value, limit, json);
    json.EndObject();
    absl::StrAppend(&text, name, " ", ElementsText(value, limit), "\n");
  }
  json.EndArray();
  json.EndObject();
  out << (WantsJson(flags) ? json.text() + "\n" : text);
  return Answer::kYes;
}

// ---- verify

absl::StatusOr<Answer> Verify(const CheckpointReader& checkpoint,
                              const Flags& flags, std::ostream& out) {
  JsonWriter json;
  json.BeginObject();
  json.Field("prefix", checkpoint.prefix());
  json.Key("damaged").BeginArray();
  std::string text;
  int64_t damaged = 0;
  const std::vector<std::string> names = checkpoint.names();
  for (const std::string& name : names) {
    const absl::Status status = checkpoint.Read(name).status();
    if (status.ok()) continue;
    ++damaged;
    json.BeginObject();
    json.Field("name", name);
    json.Field("error", status.message());
    json.EndObject();
    absl::StrAppend(&text, "damaged: ", name, ": ", status.message(), "\n");
  }
  json.EndArray();
  json.Field("tensors", names.size());
  json.Field("ok", damaged == 0);
  json.EndObject();
  absl::StrAppend(&text, names.size() - damaged, " of ", names.size(),
                  " tensors are whole\n");
  out << (WantsJson(flags) ? json.text() + "\n" : text);
  return damaged == 0 ? Answer::kYes : Answer::kNo;
}

// ---- which of these

// A question that the command answers, and the flags that it reads.
struct Question {
  std::string title;
  std::vector<std::string> flags;
};

Question AskedFor(const Flags& flags) {
  if (flags.args().size() == 2) return {"two checkpoints", {"tolerance"}};
  if (flags.Has("graph")) return {"--graph", {"graph", "tag"}};
  if (flags.Has("verify")) return {"--verify", {"verify"}};
  if (flags.Has("values")) return {"--values", {"values", "limit"}};
  return {"a list of tensors", {"stats", "name"}};
}

// A flag that would change nothing was meant to.
absl::Status CheckFlags(const Flags& flags) {
  const Question question = AskedFor(flags);
  for (const FlagSpec& flag : CkptCommand().flags) {
    if (flags.Has(flag.name) &&
        std::find(question.flags.begin(), question.flags.end(), flag.name) ==
            question.flags.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", flag.name, " does not go with ", question.title));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Answer> RunCkpt(const Flags& flags, std::ostream& out) {
  TRELLIS_RETURN_IF_ERROR(CheckFlags(flags));
  FileSystem& files = PosixFileSystem::Get();
  TRELLIS_ASSIGN_OR_RETURN(const std::string prefix,
                           CheckpointPrefix(files, flags.args()[0]));
  TRELLIS_ASSIGN_OR_RETURN(const auto checkpoint,
                           OpenCheckpoint(files, prefix));
  if (flags.args().size() == 2) {
    TRELLIS_ASSIGN_OR_RETURN(const std::string other_prefix,
                             CheckpointPrefix(files, flags.args()[1]));
    TRELLIS_ASSIGN_OR_RETURN(const auto other,
                             OpenCheckpoint(files, other_prefix));
    return PrintCheckpointDiff(*checkpoint, *other, flags, out);
  }
  if (flags.Has("graph")) return PrintCheckpointMatch(*checkpoint, flags, out);
  if (flags.Has("verify")) return Verify(*checkpoint, flags, out);
  if (flags.Has("values")) return PrintValues(*checkpoint, flags, out);
  TRELLIS_ASSIGN_OR_RETURN(const auto listed, List(*checkpoint, flags));
  TRELLIS_ASSIGN_OR_RETURN(const ModelFile file, FindModelFile(files, prefix));
  out << (WantsJson(flags)
              ? ListJson(*checkpoint, ModelKindName(file.kind), listed)
              : ListText(listed, flags.Has("stats")));
  return Answer::kYes;
}

}  // namespace

Command CkptCommand() {
  return {
      .name = "ckpt",
      .arguments = "PREFIX [OTHER]",
      .summary = "the tensors of a checkpoint; differences of two",
      .details =
          "Lists names, dtypes and shapes, which reads the index only.\n"
          "--stats adds figures of the elements (crc32 as zlib's, of the\n"
          "elements in row-major order), --values prints elements,\n"
          "--verify reads every byte. With OTHER: what differs; exit\n"
          "status 1 if anything does, as for damage that --verify finds\n"
          "and for a restore that --graph says would fail. OTHER, --graph,\n"
          "--verify and --values are questions of their own: one at a time.\n",
      .flags = {{"stats", "", "min, max, mean, std, l2, crc32 of each"},
                {"name", "PATTERN", "list only names that match"},
                {"values", "NAME", "print elements; repeat for several"},
                {"limit", "N", "elements to print; 1000 if not given"},
                {"verify", "", "read all of it and check every checksum"},
                {"tolerance", "X",
                 "differences up to X times the tensor's largest value "
                 "do not count"},
                {"graph", "FILE",
                 "what restoring the variables of this graph would do"},
                TagFlag()},
      .max_arguments = 2,
      .run = RunCkpt};
}

}  // namespace trellis
