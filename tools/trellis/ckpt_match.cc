#include "trellis/tools/trellis/ckpt_match.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "trellis/base/status_macros.h"
#include "trellis/runtime/match_checkpoint.h"
#include "trellis/runtime/saveables.h"
#include "trellis/tools/trellis/json_writer.h"
#include "trellis/tools/trellis/open_model.h"
#include "trellis/tools/trellis/table.h"
#include "trellis/tools/trellis/tensor_text.h"

namespace trellis {
namespace {

std::string MatchJson(const CheckpointMatch& match, bool complete) {
  JsonWriter json;
  json.BeginObject();
  json.Field("complete", complete);
  json.Key("matched").BeginArray();
  for (const Saveable& saveable : match.matched) json.String(saveable.name);
  json.EndArray();
  json.Key("missing").BeginArray();
  for (const CheckpointMatch::Missing& missing : match.missing) {
    json.BeginObject();
    json.Field("name", missing.wanted.name);
    WriteTypeAndShape(missing.wanted.dtype, missing.wanted.shape, json);
    json.Field("nearest", missing.nearest);
    json.EndObject();
  }
  json.EndArray();
  json.Key("different").BeginArray();
  for (const CheckpointMatch::Different& different : match.different) {
    json.BeginObject();
    json.Field("name", different.wanted.name);
    WriteTypeAndShape(different.wanted.dtype, different.wanted.shape, json);
    json.Key("checkpoint").BeginObject();
    WriteTypeAndShape(different.dtype, different.shape, json);
    json.EndObject();
    json.EndObject();
  }
  json.EndArray();
  json.Field("unused", match.unused);
  json.EndObject();
  return json.text() + "\n";
}

std::string MatchText(const CheckpointMatch& match) {
  Table table;
  for (const CheckpointMatch::Missing& missing : match.missing) {
    table.AddRow({"missing", missing.wanted.name,
                  missing.nearest.empty()
                      ? ""
                      : absl::StrCat("nearest: ",
                                     absl::StrJoin(missing.nearest, ", "))});
  }
  for (const CheckpointMatch::Different& different : match.different) {
    table.AddRow(
        {"different", different.wanted.name,
         absl::StrCat(DTypeName(different.wanted.dtype),
                      different.wanted.shape.ToString(), " in the graph, ",
                      DTypeName(different.dtype), different.shape.ToString(),
                      " in the checkpoint")});
  }
  for (const std::string& name : match.unused) table.AddRow({"unused", name});
  return absl::StrCat(table.ToString(), match.matched.size(),
                      " variables would be restored\n");
}

}  // namespace

absl::StatusOr<Answer> PrintCheckpointMatch(const CheckpointReader& checkpoint,
                                            const Flags& flags,
                                            std::ostream& out) {
  TRELLIS_ASSIGN_OR_RETURN(const Model model,
                           OpenModelAt(flags.Get("graph"), flags));
  TRELLIS_ASSIGN_OR_RETURN(const auto saveables,
                           FindSaveables(*model.meta.graph));
  const CheckpointMatch match = MatchCheckpoint(saveables, checkpoint);
  const bool complete = match.missing.empty() && match.different.empty();
  out << (WantsJson(flags) ? MatchJson(match, complete) : MatchText(match));
  return complete ? Answer::kYes : Answer::kNo;
}

}  // namespace trellis
